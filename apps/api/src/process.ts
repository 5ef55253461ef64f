import type { EngineClient } from "@recallscope/engine";
import { createEngineClient } from "@recallscope/engine/worker";
import closeWithGrace from "close-with-grace";
import { type Config, readConfig } from "./env.ts";
import { ApiError } from "./errors.ts";
import { createLog } from "./log.ts";
import type { OpenOptions } from "./open-services.ts";
import { redact } from "./secrets.ts";

const STOP_MS = 15_000;
const REPEAT_MS = 1_000;

const say = (line: string) => process.stdout.write(line.startsWith(" ") ? `${line}\n` : `› ${line} ...\n`);

function fail(error: unknown): never {
  const text =
    error instanceof ApiError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`\n${redact(String(text))}\n`);
  process.exit(1);
}

/**
 * Runs a long-lived part of the platform as this process: reads the environment, starts it, and ends it in good order on a signal.
 * @param start is given everything it needs; what it returns is stopped at the end
 */
export async function runProcess<Part extends { stop(): Promise<void> }>(
  start: (options: OpenOptions) => Promise<Part>,
  ready: (part: Part, config: Config) => string,
): Promise<void> {
  let part: Part | undefined;
  let asked: number | undefined;
  try {
    const config = readConfig();
    const log = createLog(config.logLevel);
    const { close } = closeWithGrace(
      { delay: STOP_MS, logger: false, skip: ["SIGINT", "SIGTERM", "SIGHUP"] },
      async ({ err }) => {
        if (err) log.fatal({ error: err }, "stopping after an error nobody caught");
        await part?.stop();
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
    // A run may take hours, and people wait for answers: it gives way to them.
    const engines = {
      runs: engine(config, true),
      interactive: engine(config, false),
      live: engine(config, false, LIVE_SHARE),
    };
    part = await start({ config, log, engines, onStep: say });
    process.stdout.write(`\n${ready(part, config)}\n  stop it with Ctrl-C\n`);
  } catch (error) {
    fail(error);
  }
}

/** Of the memory that runs may take, where somebody has said so, what the model of live questions may. */
const LIVE_SHARE = 0.25;

const engine = (
  { modelsFolder, hub, weightsFolder, worker }: Config,
  background: boolean,
  share = 1,
): EngineClient =>
  createEngineClient({
    background,
    modelsFolder,
    ...hub,
    weightsFolder,
    device: worker.device,
    ...(worker.threads !== null && { threads: worker.threads }),
    ...(worker.memory !== null && { maxMemory: share * worker.memory }),
  });
