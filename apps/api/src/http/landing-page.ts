const EXAMPLES = {
  "Runs, newest first": `{
  runs(first: 10) {
    totalCount
    edges { node {
      key status
      model { name }
      task { slug }
      settings { shots }
      summary { factsKnown factsTotal topMover candidateTop1 { value low high } }
    } }
  }
}`,
  "Models and tasks": `{
  models { edges { node { name source summary { architecture layers heads parameters } error { code message } } } }
  tasks { edges { node { slug title factCount clauses { text } } } }
}`,
  "Strongest heads of the newest run": `{
  runs(first: 1, filter: { status: [SUCCEEDED] }) {
    edges { node {
      key
      argumentPassing {
        heads(orderBy: EFFECT, first: 5) { label mover effect { value low high } attentionToSubject { value } }
      }
    } }
  }
}`,
  "Studies, tags and saved comparisons": `{
  studies(first: 5) { edges { node { name models { name } tasks { slug } progress { total succeeded failed fraction } } } }
  tags(orderBy: { by: RUN_COUNT, direction: DESC }) { edges { node { name runCount } } }
  comparisons(first: 5) { edges { node { name baselineIndex runs { key model task } } } }
}`,
  "Start a study": `mutation {
  createStudy(input: { name: "shots", models: ["MODEL"], tasks: ["country-capital", "country-language"], settings: [{ shots: 0 }, { shots: 2 }] }) {
    queued found
    study { id progress { total queued succeeded } }
  }
}`,
  "Start a run": `mutation {
  createRun(input: { model: "MODEL", task: "country-capital", settings: { shots: 2 } }) {
    created
    run { id key status }
  }
}`,
};

const escapeHtml = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** What a browser sees at /graphql: examples to run and change. Needs nothing from the network. */
export const landingPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Recallscope GraphQL</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
  body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
  main { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1rem; }
  textarea, pre { box-sizing: border-box; width: 100%; height: 28rem; margin: 0; padding: .75rem; overflow: auto;
    font: 13px/1.45 ui-monospace, monospace; border: 1px solid #8886; border-radius: 6px; }
  nav { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; }
  button { font: inherit; padding: .3rem .8rem; border-radius: 6px; border: 1px solid #8886; cursor: pointer; }
  #run { font-weight: 600; }
</style>
</head>
<body>
<h1>Recallscope GraphQL</h1>
<p>POST <code>{"query": "...", "variables": {...}}</code> here, or subscribe over WebSocket (<code>graphql-transport-ws</code>).
Every type and field is described in <a href="/schema.graphql">schema.graphql</a>. <a href="/">Dashboard</a></p>
<nav>${Object.entries(EXAMPLES)
  .map(
    ([title, query]) =>
      `<button data-query="${escapeHtml(query).replaceAll('"', "&quot;")}">${title}</button>`,
  )
  .join("\n")}
<button id="run">Run (Ctrl+Enter)</button></nav>
<main>
<textarea id="query" aria-label="Query" spellcheck="false">${escapeHtml(Object.values(EXAMPLES)[0]!)}</textarea>
<pre id="result" aria-label="Result" aria-live="polite" tabindex="0"></pre>
</main>
<script>
  const query = document.getElementById("query"), result = document.getElementById("result");
  const run = async () => {
    result.textContent = "...";
    try {
      const response = await fetch("/graphql", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ query: query.value }) });
      result.textContent = JSON.stringify(await response.json(), null, 2);
    } catch (error) { result.textContent = "The server does not answer: " + error.message; }
  };
  for (const button of document.querySelectorAll("[data-query]")) button.onclick = () => { query.value = button.dataset.query; };
  document.getElementById("run").onclick = run;
  query.onkeydown = (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run(); };
</script>
</body>
</html>
`;
