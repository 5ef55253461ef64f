import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import {
  IMPORT_FORMATS,
  type Imported,
  type ImportFormat,
  type ImportOptions,
  importTasks,
  type Task,
} from "@recallscope/engine";
import { type Command, InvalidArgumentError } from "commander";
import { badInput } from "../../failure.ts";
import { checkOutput, writeJson, writeText } from "../../files.ts";
import { describeImport } from "../../output/import-report.ts";
import { findTask } from "../../tasks.ts";
import { oneOf } from "../options.ts";

interface ImportFlags {
  out: string;
  format?: ImportFormat;
  id?: string;
  title?: string;
  relation?: string;
  domain?: string;
  licence?: string;
  source?: string;
  clause?: string[];
  shot?: string;
  like?: string;
  columns?: ImportOptions["columns"];
  report?: string;
  force?: boolean;
}

export const taskImportCommand = (parent: Command): void => {
  parent
    .command("import")
    .description(
      "make tasks of a CSV table, an LRE relation, a CounterFact file or a JSON task, and report what was dropped",
    )
    .argument("<file>", "the file")
    .requiredOption(
      "--out <path>",
      "the task file to write; of a CounterFact file, a folder with one file a relation",
    )
    .option(
      "--format <name>",
      `${IMPORT_FORMATS.join(", ")} (default: told from the content)`,
      oneOf(IMPORT_FORMATS),
    )
    .option("--like <task>", "a task that gives everything but the facts")
    .option(
      "--clause <text>",
      "a clause with {subject} that ends before the answer (repeat for several)",
      collect,
    )
    .option("--shot <text>", "the demonstration, with {subject} and {answer} (default: the first clause)")
    .option("--id <id>", "what the task is called")
    .option("--title <text>", "its title")
    .option("--relation <word>", "the word that names the relation")
    .option("--domain <text>", "its domain")
    .option("--licence <text>", "the licence of its facts and wording")
    .option("--source <text>", "where they come from")
    .option("--columns <names>", "columns of a table: subject=NAME,answer=NAME,aliases=NAME", columnNames)
    .option("--report <file>", "write the whole report as JSON")
    .option("--force", "overwrite what is there")
    .action(importFile);
};

async function importFile(file: string, flags: ImportFlags): Promise<void> {
  const { out, format = null, like, clause, report, force = false, columns, ...fields } = flags;
  const reportFile = report === undefined ? null : await checkOutput(report);
  const bytes = await readFile(file).catch((error) => {
    throw badInput(`input file ${file} cannot be read (${error.code})`, error);
  });
  const options: ImportOptions = {
    ...fields,
    ...(clause && { clauses: clause }),
    ...(like !== undefined && { like: (await findTask(like)).task }),
    ...(columns && { columns }),
  };
  const result = importTasks(bytes, path.basename(file), format, options);
  const tasks = result.imported.flatMap(({ task }) => (task ? [task] : []));
  const places =
    result.format === "counterfact" ? await inFolder(out, tasks, force) : [await newFile(out, force)];
  if (reportFile) await writeJson(reportFile, reportOf(result));
  for (const [i, task] of tasks.entries()) await writeText(places[i]!, `${JSON.stringify(task, null, 2)}\n`);
  const written = (task: Task) => path.relative(process.cwd(), places[tasks.indexOf(task)]!);
  process.stdout.write(`${describeImport(result, written, report === undefined)}\n`);
  if (tasks.length === 0)
    throw badInput(`file ${file}: no task came out of it (${whyNone(result.imported)})`);
}

const reportOf = ({ format, imported, stray }: ReturnType<typeof importTasks>) => ({
  format,
  tasks: imported.map((one) =>
    one.task ? { id: one.task.id, ...one.report } : { name: one.name, refused: one.refused, ...one.report },
  ),
  stray,
});

const whyNone = (imported: readonly Imported[]): string =>
  imported
    .flatMap((one) => (one.refused ? [`${one.name}: ${one.refused}`] : []))
    .slice(0, 3)
    .join("; ") || "it has no records";

async function newFile(out: string, force: boolean): Promise<string> {
  const target = await checkOutput(out);
  if (!force && existsSync(target))
    throw badInput(`output file ${out} exists (give --force to overwrite it)`);
  return target;
}

async function inFolder(out: string, tasks: readonly Task[], force: boolean): Promise<string[]> {
  if (!(await stat(out).catch(() => null))?.isDirectory())
    throw badInput(
      `output folder ${out}: is no folder (a CounterFact file gives one task for each relation; make the folder first)`,
    );
  return Promise.all(tasks.map(({ id }) => newFile(path.join(out, `${id}.json`), force)));
}

const collect = (text: string, earlier: string[] | undefined): string[] => [...(earlier ?? []), text];

function columnNames(text: string): NonNullable<ImportOptions["columns"]> {
  const names: Record<string, string> = {};
  for (const part of text.split(",")) {
    const [, column, name] = /^\s*(subject|answer|aliases)=(.+?)\s*$/.exec(part) ?? [];
    if (!column || !name)
      throw new InvalidArgumentError(
        "Allowed: subject=NAME, answer=NAME and aliases=NAME, separated by commas.",
      );
    names[column] = name;
  }
  return names;
}
