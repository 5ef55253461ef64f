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
import { describeRun } from "../output/estimate.ts";
import { summarise } from "../output/run-summary.ts";
import { createProgress } from "../progress.ts";
import {
  type Connection,
  findConnection,
  namedServer,
  type ServerFlags,
  withServer,
} from "../store/connection.ts";
import { modelThere, refuseTaskFile } from "../store/for-server.ts";
import { prepareStore } from "../store/prepare.ts";
import { queueOnServer, runOnServer } from "../store/run-on-server.ts";
import { allTasks, findTask, type NamedTask } from "../tasks.ts";
import { type EngineFlags, serves, withEngine } from "../with-engine.ts";
import { wholeNumber } from "./options.ts";
import { type SettingsFlags, settingsOf, withSettings } from "./settings.ts";

interface RunFlags extends EngineFlags, SettingsFlags, ServerFlags {
  model: string;
  task: string;
  shots: number;
  force?: boolean;
  detach?: boolean;
  json?: string;
  estimate?: boolean;
}
interface Outcome {
  key: string;
  report: RunReport;
  /** One line on where the run now is. */
  note: string;
}

export const runCommand = (program: Command): void => {
  withServer(withSettings(program.command("run")))
    .description("measure a model on a task, store the run, and print its summary")
    .requiredOption(
      "--model <model>",
      "a folder, a GGUF file, a name from models/, or a hub id; with --server, as that machine knows it",
    )
    .requiredOption(
      "--task <task>",
      "a name from tasks/, or the path of a JSON file; with --server, the name of one of its tasks",
    )
    .option(
      "--shots <k>",
      "demonstrations before the query",
      wholeNumber(...SETTING_RANGES.shots),
      DEFAULT_SETTINGS.shots,
    )
    .option("--force", "compute again even when the store has this run")
    .option("--detach", "with a server: print the key of the waiting run, and do not follow it")
    .option("--json <file>", "also write the whole report as JSON")
    .option("--estimate", "print what its passes would cost on this machine, and run and store nothing")
    .action(async (_: unknown, command: Command) => {
      const flags = command.optsWithGlobals<RunFlags>();
      if (flags.detach && flags.json !== undefined)
        throw badInput(
          "options --detach and --json: a run that is not followed has no report yet (use one of them)",
        );
      if (flags.estimate) return void process.stdout.write(`${await estimate(flags)}\n`);
      // A server elsewhere has tasks of its own.
      const task = namedServer(flags) === null ? await findTask(flags.task) : null;
      const json = flags.json === undefined ? undefined : await checkOutput(flags.json);
      const outcome = await run(flags, task);
      if (typeof outcome === "string") return void process.stdout.write(`${outcome}\n`);
      const { report, note, key } = outcome;
      if (json !== undefined) await writeJson(json, report);
      process.stdout.write(`${summarise(report)}\n\nrun ${key}: ${note}\n`);
    });
};

/** By this machine, whoever holds the store: nothing is looked up in it. */
async function estimate(flags: RunFlags): Promise<string> {
  const given = (["force", "detach", "json"] as const).find((flag) => flags[flag] !== undefined);
  if (given) throw badInput(`options --estimate and --${given}: an estimate runs nothing (leave one out)`);
  if (namedServer(flags) !== null)
    throw badInput(
      "options --estimate and --server: this machine would be timed, and not the server's (leave one out)",
    );
  const { task } = await findTask(flags.task);
  const request = { model: flags.model, task, settings: settingsOf(flags, flags.shots) };
  return describeRun(await withEngine(flags, (engine, options) => engine.estimateRun(request, options)));
}

/** What came of it, or one line on where it waits. */
async function run(flags: RunFlags, task: NamedTask | null): Promise<Outcome | string> {
  await prepareStore();
  const connection = await findConnection(flags);
  if (connection !== null) return runThere(connection, flags, task);
  if (flags.detach)
    throw badInput(
      "option --detach: no server is running that could go on with the run (start one, or name one by --server)",
    );
  return runHere(flags, task!);
}

async function runThere(
  connection: Connection,
  flags: RunFlags,
  task: NamedTask | null,
): Promise<Outcome | string> {
  const { url } = connection;
  if (task === null || task.slug === null) refuseTaskFile(connection, flags.task);
  const request = {
    model: modelThere(connection, flags.model),
    task: task?.slug ?? flags.task,
    settings: settingsOf(flags, flags.shots),
    force: flags.force ?? false,
    // With `auto` the server's workers choose, as they do where nothing is asked for.
    ...(flags.device !== undefined && flags.device !== "auto" && { device: flags.device }),
  };
  if (flags.detach) {
    const { key, created } = await queueOnServer(connection, request);
    return `run ${key}: ${created ? "waits" : "is"} at the server at ${url}`;
  }
  const progress = createProgress(flags.quiet ?? false);
  try {
    const { key, report, created } = await interruptible((signal) =>
      runOnServer(connection, request, { signal, onProgress: progress.report }),
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
    const model = await engine.inspect(flags.model, options, flags.precision);
    const found = await store.findFinished({ model, task, related, settings });
    if (found && serves(flags, found.report))
      return { ...found, note: "found in the store (--force computes it again)" };
  }
  const report = await engine.run({ model: flags.model, task, settings, related }, options);
  return { ...(await store.saveRun({ task, related, report })), report, note: "stored" };
}
