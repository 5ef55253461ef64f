import { createEngineClient } from "@recallscope/engine/worker";
import closeWithGrace from "close-with-grace";
import { readConfig } from "./env.ts";
import { ApiError } from "./errors.ts";
import { createLog } from "./log.ts";
import { redact } from "./secrets.ts";
import { type Platform, start } from "./start.ts";

/** The process behind `npm start`: database, worker, GraphQL and dashboard in one. */
const STOP_MS = 15_000;
const REPEAT_MS = 1_000;

const say = (line: string) => process.stdout.write(line.startsWith(" ") ? `${line}\n` : `› ${line} ...\n`);

function fail(error: unknown): never {
  const text =
    error instanceof ApiError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`\n${redact(String(text))}\n`);
  process.exit(1);
}

let platform: Platform | undefined;
let asked: number | undefined;

try {
  const config = readConfig();
  const log = createLog(config.logLevel);
  const engine = () =>
    createEngineClient({
      modelsFolder: config.modelsFolder,
      ...config.hub,
      weightsFolder: config.weightsFolder,
    });

  const { close } = closeWithGrace(
    { delay: STOP_MS, logger: false, skip: ["SIGINT", "SIGTERM", "SIGHUP"] },
    async ({ err }) => {
      if (err) log.fatal({ error: err }, "stopping after an error nobody caught");
      await platform?.stop();
    },
  );
  // Under npm a Ctrl-C arrives twice at once, from the terminal and from npm; a later one means: now.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (asked === undefined) {
        asked = Date.now();
        process.stdout.write("\nstopping ...\n");
        close();
      } else if (Date.now() - asked > REPEAT_MS) process.exit(1);
    });
  }

  platform = await start({
    config,
    log,
    engines: { runs: engine(), interactive: engine() },
    onStep: say,
    firstRuns: true,
  });
  process.stdout.write(
    `\nRecallscope is ready\n  dashboard  ${platform.url}\n  GraphQL    ${platform.url}/graphql\n  stop it with Ctrl-C\n`,
  );
} catch (error) {
  fail(error);
}
