import {
  DEFAULT_SETTINGS,
  describeTask,
  type EngineClient,
  KNOWN_FILTERS,
  type KnownFacts,
  relatedTasks,
  SETTING_RANGES,
  type Task,
} from "@recallscope/engine";
import type { Command } from "commander";
import { table } from "../../output/table.ts";
import { allTasks, findTask, taskSlugs } from "../../tasks.ts";
import { type EngineFlags, withEngine } from "../../with-engine.ts";
import { wholeNumber } from "../options.ts";

interface CheckFlags extends EngineFlags {
  model?: string;
  shots: number;
  leadIns: number;
  seed: number;
  json?: boolean;
}
interface Checked {
  task: Task;
  /** Null without a model. */
  known: KnownFacts | null;
}

export const taskCheckCommand = (parent: Command): void => {
  parent
    .command("check")
    .description("check tasks; with a model, also say which facts it can be asked and which it knows")
    .argument("[tasks...]", "names from tasks/, or paths of JSON files (default: all of tasks/)")
    .option("--model <model>", "a folder, a GGUF file, a name from models/, or a hub id")
    .option(
      "--shots <k>",
      "demonstrations before the query",
      wholeNumber(...SETTING_RANGES.shots),
      DEFAULT_SETTINGS.shots,
    )
    .option(
      "--lead-ins <n>",
      "lead-ins per clause",
      wholeNumber(...SETTING_RANGES.leadIns),
      DEFAULT_SETTINGS.leadIns,
    )
    .option(
      "--seed <n>",
      "seed of the demonstrations",
      wholeNumber(...SETTING_RANGES.seed),
      DEFAULT_SETTINGS.seed,
    )
    .option("--json", "print everything as JSON")
    .action(async (names: string[], _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<CheckFlags>();
      const tasks: Task[] = [];
      for (const name of names.length ? names : await taskSlugs()) tasks.push((await findTask(name)).task);
      const checked =
        flags.model === undefined
          ? tasks.map((task) => ({ task, known: null }))
          : await askModel(flags, flags.model, tasks);
      process.stdout.write(`${flags.json ? asJson(checked) : await describe(checked)}\n`);
    });
};

const askModel = (
  { shots, leadIns, seed, ...flags }: CheckFlags,
  model: string,
  tasks: readonly Task[],
): Promise<Checked[]> =>
  withEngine(flags, async (engine: EngineClient, options) => {
    const checked: Checked[] = [];
    for (const task of tasks)
      checked.push({
        task,
        known: await engine.known(
          { model, task, settings: { ...DEFAULT_SETTINGS, shots, leadIns, seed } },
          options,
        ),
      });
    return checked;
  });

const asJson = (checked: readonly Checked[]): string =>
  JSON.stringify(
    checked.map(({ task, known }) => ({
      id: task.id,
      ...describeTask(task),
      ...(known && { model: known }),
    })),
    null,
    1,
  );

async function describe(checked: readonly Checked[]): Promise<string> {
  const library = await allTasks();
  const asked = checked.some(({ known }) => known);
  const columns = ["task", "domain", "facts", "answers", "commonest", "related"];
  const rows = checked.map(({ task, known }) => {
    const { facts, answers, commonest } = describeTask(task);
    const own = [
      task.id,
      task.domain,
      String(facts),
      String(answers),
      `${commonest.answer} ${(100 * commonest.share).toFixed(0)} %`,
      String(relatedTasks(task, library).length),
    ];
    if (!known) return own;
    const count = (filter: (typeof KNOWN_FILTERS)[number]) =>
      String(known.facts.filter((fact) => fact.known[filter]).length);
    return [...own, String(known.facts.length), ...KNOWN_FILTERS.map(count)];
  });
  const notes = checked.flatMap(({ task, known }) => [
    ...describeTask(task).named.map(
      ({ subject, answer, leadIn, text }) =>
        `${task.id}: ${subject} is dropped with lead-in ${leadIn}, which names ${answer}: ${JSON.stringify(text)}`,
    ),
    ...(known?.dropped ?? []).map(
      ({ subject, answer, reason }) => `${task.id}: ${subject} (${answer}) is dropped: ${reason}`,
    ),
    ...(known?.warnings ?? []).map((warning) => `${task.id}: ${warning}`),
  ]);
  return [
    table([...columns, ...(asked ? ["admitted", ...KNOWN_FILTERS.map((f) => `known ${f}`)] : [])], rows),
    ...notes,
  ].join("\n");
}
