export const SESSION_PATH = "/session";

const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

/** Asks for a token. Needs nothing from the network and no script. */
export const sessionPage = (problem: string | null): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Recallscope: token</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
  body { max-width: 30rem; margin: 15vh auto; padding: 0 1rem; }
  input, button { box-sizing: border-box; width: 100%; font: inherit; padding: .5rem; margin-top: .5rem; }
  [role=alert] { color: #c22; }
</style>
</head>
<body>
<h1>Recallscope</h1>
<form method="post" action="${SESSION_PATH}">
<label for="token">This server needs a token. Whoever runs it makes one with
<code>npx recallscope token create --role read --name NAME</code>.</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus placeholder="rsc_...">
<button>Open the dashboard</button>
</form>
${problem === null ? "" : `<p role="alert">${escapeHtml(problem)}</p>`}
</body>
</html>
`;
