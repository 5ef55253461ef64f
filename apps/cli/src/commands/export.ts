import { stat } from "node:fs/promises";
import path from "node:path";
import type { ExportedComparison, ExportRequest, RunExportFormat } from "@recallscope/api";
import { COMPARISON_AXES } from "@recallscope/engine";
import type { Command } from "commander";
import { badInput } from "../failure.ts";
import { checkOutput, writeChunks } from "../files.ts";
import { type ServerFlags, withServer } from "../store/connection.ts";
import { prepareStore } from "../store/prepare.ts";
import { type SentFile, withExports } from "../store/transfer.ts";
import { oneOf, wholeNumber } from "./options.ts";

// The store is loaded when it is needed only: its client may have to be made first.
const FORMATS = [
  "csv",
  "json",
  "parquet",
  "latex",
  "safetensors",
  "bundle",
] as const satisfies RunExportFormat[];
const MAX_DIGITS = 17;

export interface ExportFlags extends ServerFlags {
  compare?: string[];
  axis?: (typeof COMPARISON_AXES)[number];
  baseline?: string;
  force?: boolean;
  format: (typeof FORMATS)[number];
  table?: string;
  figure?: string;
  columns?: string;
  digits?: number;
  out: string;
  quiet?: boolean;
}

export const exportCommand = (program: Command): void => {
  withServer(program.command("export"))
    .description(
      "write a stored run, one of its tables or figures, or tables of runs beside each other, to a file that says what it is",
    )
    .argument("[run]", "id or key of the run")
    .option(
      "--compare <runs...>",
      "instead of one run: ids or keys of 2 to 12 runs to compare, or the name of a saved comparison",
    )
    .option(
      "--axis <name>",
      `what compared runs are meant to differ in: ${COMPARISON_AXES.join(", ")} (default: the first that they do differ in)`,
      oneOf(COMPARISON_AXES),
    )
    .option(
      "--baseline <run>",
      "the compared run that the others are held against (default: the first, or the saved one)",
    )
    .option("--force", "compare runs whose numbers do not mean the same")
    .requiredOption("--format <name>", `one of ${FORMATS.join(", ")}`, oneOf(FORMATS))
    .option("--table <name>", "only this table (csv, json, parquet, latex)")
    .option("--figure <analysis/figure>", "only what this figure shows (csv, json, parquet, latex)")
    .option("--columns <names>", "only these columns, separated by commas; an estimate counts as one")
    .option("--digits <n>", "significant digits of latex (default: 4)", wholeNumber(1, MAX_DIGITS))
    .requiredOption(
      "--out <path>",
      "the file to write; for csv and parquet without --table or --figure, a folder that gets one file for each table",
    )
    .action(async (run: string | undefined, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ExportFlags>();
      const source = sourceOf(run, flags);
      const request = requestOf(flags);
      const target = request === null ? await folder(flags) : await checkOutput(flags.out);
      await prepareStore();
      await withExports(flags, async (exports) => {
        const write = async (asked: ExportRequest): Promise<SentFile> =>
          typeof source === "string"
            ? exports.export(source, asked)
            : exports.exportComparison(source, asked);
        if (request !== null) {
          await writeChunks(target, (await write(request)).chunks);
          process.stdout.write(`${flags.out}\n`);
        } else await allTables(write, typeof source === "string", flags, target);
      });
    });
};

/** The run, or the runs to compare. @throws EngineError BAD_INPUT for flags that do not go together */
export function sourceOf(
  run: string | undefined,
  { compare, axis, baseline, force = false, format, figure }: ExportFlags,
): string | ExportedComparison {
  if (compare === undefined) {
    if (run === undefined) throw badInput("export: of what? (name a run, or several after --compare)");
    if (axis !== undefined || baseline !== undefined || force)
      throw badInput("options --axis, --baseline and --force: for --compare only");
    return run;
  }
  if (run !== undefined)
    throw badInput(
      `run ${run}: stands before --compare (name all runs to compare after it, or leave it out)`,
    );
  if (figure !== undefined)
    throw badInput(
      "option --figure: of single runs only (what the figures of compared runs show stands in the tables depth, lens, head-numbers, further-results)",
    );
  if (format === "bundle" || format === "safetensors")
    throw badInput(
      `format ${format}: of single runs only (allowed for --compare: csv, json, parquet, latex)`,
    );
  const asked = { axis: axis ?? null, baseline: baseline ?? null, force };
  return compare.length === 1 ? { saved: compare[0]!, ...asked } : { ids: compare, ...asked };
}

/** What the flags ask for; null: every table, each in a file of its own. @throws EngineError BAD_INPUT for flags that do not go together */
export function requestOf({
  compare,
  format,
  table,
  figure,
  columns,
  digits,
}: ExportFlags): ExportRequest | null {
  const look = {
    ...(columns !== undefined && { columns: columns.split(",").map((name) => name.trim()) }),
    ...(digits !== undefined && { digits }),
  };
  const part = table ?? figure;
  if (table !== undefined && figure !== undefined)
    throw badInput("options --table and --figure: give one of them");
  if (digits !== undefined && format !== "latex")
    throw badInput(`option --digits: for --format latex only; ${format} has all digits`);
  if (columns !== undefined && part === undefined)
    throw badInput("option --columns: needs --table or --figure, whose columns they are");
  if (format === "safetensors" || format === "bundle") {
    if (part !== undefined)
      throw badInput(`format ${format}: holds a whole run (leave out --table and --figure, or use csv)`);
    return { what: format === "bundle" ? "bundle" : "arrays" };
  }
  if (table !== undefined) return { what: "table", table, format, ...look };
  if (figure !== undefined) {
    const [analysis, id, ...rest] = figure.split("/");
    if (!analysis || !id || rest.length > 0)
      throw badInput(
        `option --figure ${figure}: expected is ANALYSIS/FIGURE (a wrong name is answered with all names)`,
      );
    return { what: "figure", analysis, figure: id, format, ...look };
  }
  if (format === "json" && compare === undefined) return { what: "report" };
  return format === "latex" ? { what: "tables", ...look } : null;
}

async function folder({ out, format }: ExportFlags): Promise<string> {
  if (!(await stat(out).catch(() => null))?.isDirectory())
    throw badInput(
      `output folder ${out}: is no folder (a ${format} file holds one table: name it by --table, or make the folder for all of them)`,
    );
  return path.resolve(out);
}

async function allTables(
  write: (request: ExportRequest) => Promise<SentFile>,
  ofRun: boolean,
  { format, out }: ExportFlags,
  target: string,
) {
  const { COMPARISON_TABLE_NAMES, RUN_TABLE_NAMES } = await import("@recallscope/api");
  for (const table of ofRun ? RUN_TABLE_NAMES : COMPARISON_TABLE_NAMES) {
    const request: ExportRequest = { what: "table", table, format: format as "csv" | "json" | "parquet" };
    const { fileName, chunks } = await write(request);
    await writeChunks(path.join(target, fileName), chunks);
    process.stdout.write(`${path.join(out, fileName)}\n`);
  }
}
