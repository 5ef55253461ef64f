import { stat } from "node:fs/promises";
import path from "node:path";
import type { ExportRequest, RunExportFormat } from "@recallscope/api";
import type { Command } from "commander";
import { badInput } from "../failure.ts";
import { checkOutput, writeChunks } from "../files.ts";
import { prepareStore } from "../store/prepare.ts";
import { type Exports, withExports } from "../store/transfer.ts";
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

export interface ExportFlags {
  format: (typeof FORMATS)[number];
  table?: string;
  figure?: string;
  columns?: string;
  digits?: number;
  out: string;
  quiet?: boolean;
}

export const exportCommand = (program: Command): void => {
  program
    .command("export")
    .description("write a stored run, one of its tables or one of its figures to a file that says what it is")
    .argument("<run>", "id or key of the run")
    .requiredOption("--format <name>", `one of ${FORMATS.join(", ")}`, oneOf(FORMATS))
    .option("--table <name>", "only this table (csv, json, parquet, latex)")
    .option("--figure <analysis/figure>", "only what this figure shows (csv, json, parquet, latex)")
    .option("--columns <names>", "only these columns, separated by commas; an estimate counts as one")
    .option("--digits <n>", "significant digits of latex (default: 4)", wholeNumber(1, MAX_DIGITS))
    .requiredOption(
      "--out <path>",
      "the file to write; for csv and parquet without --table or --figure, a folder that gets one file for each table",
    )
    .action(async (run: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ExportFlags>();
      const request = requestOf(flags);
      const target = request === null ? await folder(flags) : await checkOutput(flags.out);
      await prepareStore();
      await withExports(flags, async (exports) => {
        if (request !== null) {
          await writeChunks(target, (await exports.export(run, request)).chunks);
          process.stdout.write(`${flags.out}\n`);
        } else await allTables(exports, run, flags, target);
      });
    });
};

/** What the flags ask for; null: every table, each in a file of its own. @throws EngineError BAD_INPUT for flags that do not go together */
export function requestOf({ format, table, figure, columns, digits }: ExportFlags): ExportRequest | null {
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
  if (format === "json") return { what: "report" };
  return format === "latex" ? { what: "tables", ...look } : null;
}

async function folder({ out, format }: ExportFlags): Promise<string> {
  if (!(await stat(out).catch(() => null))?.isDirectory())
    throw badInput(
      `output folder ${out}: is no folder (a ${format} file holds one table: name it by --table, or make the folder for all of them)`,
    );
  return path.resolve(out);
}

async function allTables(exports: Exports, run: string, { format, out }: ExportFlags, target: string) {
  const { RUN_TABLE_NAMES } = await import("@recallscope/api");
  for (const table of RUN_TABLE_NAMES) {
    const request: ExportRequest = { what: "table", table, format: format as "csv" | "parquet" };
    const { fileName, chunks } = await exports.export(run, request);
    await writeChunks(path.join(target, fileName), chunks);
    process.stdout.write(`${path.join(out, fileName)}\n`);
  }
}
