import { createServer } from "node:net";
import { StepError } from "./steps.mjs";

/** The port and address the server will use, from PORT and HOST. @throws StepError when PORT is no port number */
export function address(env = process.env) {
  const text = env.PORT || "3000";
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535)
    throw new StepError(`PORT is "${text}", allowed: 1 to 65535`);
  return { port, host: env.HOST || "127.0.0.1" };
}

/** @throws StepError when the port cannot be had: asked before minutes are spent on install and build */
export function checkPort({ port, host }) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error) =>
      reject(new StepError(explainPort(error.code, port, host) ?? error.message)),
    );
    probe.listen(port, host, () => probe.close(() => resolve(`port ${port} is free`)));
  });
}

function explainPort(code, port, host) {
  const other = `PORT=${port === 65535 ? 3000 : port + 1} npm start`;
  if (code === "EADDRINUSE")
    return `port ${port} is taken, perhaps by a Recallscope that runs already (http://localhost:${port}): stop it, or use another port: ${other}`;
  if (code === "EACCES")
    return `port ${port} is not allowed for this user: use a port above 1023, e.g. PORT=3000 npm start`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return `HOST is "${host}", which is no address of this machine: try HOST=127.0.0.1`;
  return undefined;
}
