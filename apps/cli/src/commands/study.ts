import {
  type EngineClient,
  type RunReport,
  relatedTasks,
  SETTING_RANGES,
  type StudyReport,
} from "@recallscope/engine";
import { type Command, InvalidArgumentError } from "commander";
import { badInput } from "../failure.ts";
import { checkOutput, writeJson } from "../files.ts";
import { summariseStudy } from "../output/study-summary.ts";
import { findConnection, type ServerFlags, withServer } from "../store/connection.ts";
import { prepareStore } from "../store/prepare.ts";
import { allTasks, findTask } from "../tasks.ts";
import { type EngineFlags, serves, withEngine } from "../with-engine.ts";
import { type SettingsFlags, settingsOf, withSettings } from "./settings.ts";
import { studyThere } from "./study-on-server.ts";

export interface StudyFlags extends EngineFlags, SettingsFlags, ServerFlags {
  model: string;
  tasks: readonly string[];
  shots: readonly number[];
  name?: string;
  detach?: boolean;
  json?: string;
}

export const studyCommand = (program: Command): void => {
  withServer(withSettings(program.command("study")))
    .description("measure a model on several tasks, store the runs, and compare the tasks")
    .requiredOption(
      "--model <model>",
      "a folder, a GGUF file, a name from models/, or a hub id; with --server, as that machine knows it",
    )
    .requiredOption(
      "--tasks <tasks>",
      "names from tasks/ or paths of JSON files, by commas; or all; with --server, names of its tasks",
      names,
    )
    .option("--shots <list>", "demonstrations before the query; several by commas, e.g. 0,2", shotList, [0])
    .option(
      "--name <name>",
      "keep the runs together under this name, for the server to show as a study; needed with a server",
    )
    .option("--detach", "with a server: leave the study there, and do not follow it")
    .option("--json <file>", "also write all reports and the comparison as JSON")
    .action(async (_: unknown, command: Command) => {
      const flags = command.optsWithGlobals<StudyFlags>();
      if (flags.detach && flags.json !== undefined)
        throw badInput(
          "options --detach and --json: a study that is not followed has no reports yet (use one of them)",
        );
      const json = flags.json === undefined ? undefined : await checkOutput(flags.json);
      await prepareStore();
      const connection = await findConnection(flags);
      if (connection === null && flags.detach)
        throw badInput(
          "option --detach: no server is running that could go on with the study (start one, or name one by --server)",
        );
      const outcome =
        connection === null
          ? { studies: await studyHere(flags), failure: null }
          : await studyThere(connection, flags);
      if (typeof outcome === "string") return void process.stdout.write(`${outcome}\n`);
      const { studies, failure } = outcome;
      if (json !== undefined) await writeJson(json, studies);
      const untested = connection === null ? "" : ACROSS_TASKS;
      process.stdout.write(`${studies.map((study) => summariseStudy(study, untested)).join("\n\n")}\n`);
      if (failure !== null) throw failure;
    });
};

/** Why a study of a server has no tests across tasks. */
const ACROSS_TASKS = "a server keeps the reports of runs, and these tests need more";

async function studyHere(flags: StudyFlags): Promise<StudyReport[]> {
  const pool = await allTasks();
  const tasks = flags.tasks.includes("all")
    ? pool
    : await Promise.all(flags.tasks.map(async (name) => (await findTask(name)).task));
  const { openStore } = await import("@recallscope/api");
  const store = await openStore({ onStep: (line) => flags.quiet || process.stderr.write(`${line} ...\n`) });
  const keep = async (runs: readonly string[]) => {
    if (flags.name !== undefined) await store.keepInStudy({ name: flags.name, runs });
  };
  try {
    // A name that cannot be used is refused before anything is computed.
    await keep([]);
    return await withEngine(flags, async (engine, options) => {
      const model = await engine.inspect(flags.model, options, flags.precision);
      const studies: StudyReport[] = [];
      for (const shots of flags.shots) {
        const settings = settingsOf(flags, shots);
        const stored = await Promise.all(
          tasks.map((task) =>
            store.findFinished({ model, task, settings, related: relatedTasks(task, pool) }),
          ),
        );
        const found = stored.filter((one) => one !== null && serves(flags, one.report));
        await keep(found.flatMap((one) => (one ? [one.id] : [])));
        const saving: Promise<unknown>[] = [];
        const save = (report: RunReport) => {
          const task = tasks.find(({ id }) => id === report.receipt.taskId)!;
          const saved = store.saveRun({ task, related: relatedTasks(task, pool), report });
          saving.push(saved.then(({ id }) => keep([id])));
        };
        const finished = found.flatMap((one) => (one ? [one.report] : []));
        const request = { model: flags.model, tasks, pool, settings, finished };
        studies.push(await whole(engine, request, { ...options, onRun: save }, saving));
      }
      return studies;
    });
  } finally {
    await store.close();
  }
}

/** Runs that are done are stored even when a later one fails. */
async function whole(
  engine: EngineClient,
  request: Parameters<EngineClient["study"]>[0],
  options: Parameters<EngineClient["study"]>[1],
  saving: readonly Promise<unknown>[],
): Promise<StudyReport> {
  try {
    return await engine.study(request, options);
  } finally {
    await Promise.all(saving);
  }
}

const names = (text: string): string[] => {
  const list = [...new Set(text.split(",").map((name) => name.trim()))].filter(Boolean);
  if (list.length === 0) throw new InvalidArgumentError("Allowed: names of tasks by commas, or all.");
  return list;
};

const shotList = (text: string): number[] => {
  const [low, high] = SETTING_RANGES.shots;
  const list = text.split(",").map((part) => (/^\d+$/.test(part.trim()) ? Number(part) : Number.NaN));
  if (!list.every((shots) => shots >= low && shots <= high))
    throw new InvalidArgumentError(`Allowed: whole numbers from ${low} to ${high} by commas.`);
  return [...new Set(list)];
};
