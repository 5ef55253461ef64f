import path from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT, turbo } from "./commands.mjs";
import { install } from "./install.mjs";
import { address, checkPort } from "./port.mjs";
import { guarded, step } from "./steps.mjs";

/** `npm start`: install what is missing, build what is stale, then become the server. */
export const start = () =>
  guarded(async () => {
    await step(`Checking Node ${process.versions.node} and port`, () => checkPort(address()));
    await step("Installing packages", install);
    await step("Building what is stale", () => turbo("build"));
    await become("apps/api/src/main.ts");
  });

/** `npm run worker`: the same without the dashboard, and become a worker. */
export const startWorker = () =>
  guarded(async () => {
    await step("Installing packages", install);
    await step("Generating code", () => turbo("generate"));
    await become("apps/api/src/worker.ts");
  });

/** In this process, not a child: a signal or a kill -9 reaches the program itself, and none is left behind. */
async function become(program) {
  process.env.NODE_ENV ??= "production";
  process.env.NEXT_TELEMETRY_DISABLED ??= "1";
  const { register } = await import("tsx/esm/api");
  register();
  await import(pathToFileURL(path.join(ROOT, program)).href);
}
