import { existsSync } from "node:fs";
import path from "node:path";
import {
  type CallOptions,
  DEFAULT_SETTINGS,
  type EngineClient,
  type RunReport,
  relatedTasks,
  SETTING_RANGES,
} from "@recallscope/engine";
import type { Command } from "commander";
import { badInput } from "../failure.ts";
import { checkOutput, writeJson } from "../files.ts";
import { interruptible } from "../interrupt.ts";
import { summarise } from "../output/run-summary.ts";
import { createProgress } from "../progress.ts";
import { prepareStore } from "../store/prepare.ts";
import { runOnServer } from "../store/server.ts";
import { allTasks, findTask, type NamedTask } from "../tasks.ts";
import { type EngineFlags, withEngine } from "../with-engine.ts";
import { wholeNumber } from "./options.ts";
import { type SettingsFlags, settingsOf, withSettings } from "./settings.ts";

interface RunFlags extends EngineFlags, SettingsFlags {
  model: string;
  task: string;
  shots: number;
  force?: boolean;
  json?: string;
}
interface Outcome {
  key: string;
  report: RunReport;
  /** One line on where the run now is. */
  note: string;
}

export const runCommand = (program: Command): void => {
  withSettings(program.command("run"))
    .description("measure a model on a task, store the run, and print its summary")
    .requiredOption("--model <model>", "a folder, a GGUF file, a name from models/, or a hub id")
    .requiredOption("--task <task>", "a name from tasks/, or the path of a JSON file")
    .option(
      "--shots <k>",
      "demonstrations before the query",
      wholeNumber(...SETTING_RANGES.shots),
      DEFAULT_SETTINGS.shots,
    )
    .option("--force", "compute again even when the store has this run")
    .option("--json <file>", "also write the whole report as JSON")
    .action(async (_: unknown, command: Command) => {
      const flags = command.optsWithGlobals<RunFlags>();
      const task = await findTask(flags.task);
      const json = flags.json === undefined ? undefined : await checkOutput(flags.json);
      const { report, note, key } = await run(flags, task);
      if (json !== undefined) await writeJson(json, report);
      process.stdout.write(`${summarise(report)}\n\nrun ${key}: ${note}\n`);
    });
};

async function run(flags: RunFlags, task: NamedTask): Promise<Outcome> {
  await prepareStore();
  const { findOwnerKey, findServer } = await import("@recallscope/api");
  const server = await findServer();
  return server === null ? runHere(flags, task) : runThere(server, await findOwnerKey(), flags, task);
}

async function runThere(
  url: string,
  token: string | null,
  flags: RunFlags,
  { slug }: NamedTask,
): Promise<Outcome> {
  if (slug === null) {
    throw badInput(
      `task file ${flags.task}: the server at ${url} holds the store and knows the tasks of tasks/ only (put the file there, or stop the server)`,
    );
  }
  const model = existsSync(path.join(flags.model, "config.json")) ? path.resolve(flags.model) : flags.model;
  const progress = createProgress(flags.quiet ?? false);
  const request = {
    model,
    task: slug,
    settings: settingsOf(flags, flags.shots),
    force: flags.force ?? false,
  };
  try {
    const { key, report, created } = await interruptible((signal) =>
      runOnServer(url, request, { signal, onProgress: progress.report, token }),
    );
    return { key, report, note: `${created ? "stored" : "found in the store"} by the server at ${url}` };
  } finally {
    progress.stop();
  }
}

/** The store stays open from before the run, so that a folder that cannot be opened is known first and the run can be saved. */
async function runHere(flags: RunFlags, task: NamedTask): Promise<Outcome> {
  const { openStore } = await import("@recallscope/api");
  const store = await openStore({ onStep: (line) => flags.quiet || process.stderr.write(`${line} ...\n`) });
  try {
    return await withEngine(flags, (engine, options) => findOrMeasure(store, engine, flags, task, options));
  } finally {
    await store.close();
  }
}

type Store = Awaited<ReturnType<typeof import("@recallscope/api")["openStore"]>>;

async function findOrMeasure(
  store: Store,
  engine: EngineClient,
  flags: RunFlags,
  { task }: NamedTask,
  options: Required<CallOptions>,
): Promise<Outcome> {
  const settings = settingsOf(flags, flags.shots);
  const related = relatedTasks(task, await allTasks());
  if (!flags.force) {
    const model = await engine.inspect(flags.model, options);
    const found = await store.findFinished({ model, task, related, settings });
    if (found) return { ...found, note: "found in the store (--force computes it again)" };
  }
  const report = await engine.run({ model: flags.model, task, settings, related }, options);
  return { ...(await store.saveRun({ task, related, report })), report, note: "stored" };
}
