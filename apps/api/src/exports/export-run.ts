import type { RunReport } from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import type { Run } from "../generated/prisma/client.ts";
import { readReport, reportJson } from "../results/read-report.ts";
import type { Tx } from "../services.ts";
import { bundleFile } from "./bundle/write-bundle.ts";
import { figureTable, printedFigure } from "./figure-table.ts";
import { figuresOfRun } from "./figures.ts";
import { arraysFile } from "./formats/arrays.ts";
import { csv } from "./formats/csv.ts";
import { tableJson } from "./formats/json.ts";
import { latex } from "./formats/latex.ts";
import { parquet } from "./formats/parquet.ts";
import { type ExportRequest, exportPath, type TableFormat } from "./request.ts";
import { selectColumns } from "./select-columns.ts";
import { type Stamp, stampLines } from "./stamp.ts";
import type { Table } from "./table.ts";
import { RUN_TABLE_NAMES, RUN_TABLES, type RunTableName } from "./tables/index.ts";

export interface ExportedFile {
  fileName: string;
  mediaType: string;
  chunks: Iterable<string | Uint8Array>;
}

const MEDIA: Record<TableFormat, string> = {
  csv: "text/csv; charset=utf-8",
  json: "application/json; charset=utf-8",
  parquet: "application/vnd.apache.parquet",
  latex: "application/x-tex; charset=utf-8",
};
const BINARY = "application/octet-stream";

/**
 * A finished run, or a part of it, as a file.
 * @throws ApiError RUN_NOT_FINISHED; NOT_FOUND for a table or figure that the run does not have; BAD_USER_INPUT for its columns
 */
export async function exportRun(tx: Tx, run: Run, request: ExportRequest): Promise<ExportedFile> {
  const withArrays = request.what === "report" || request.what === "arrays" || request.what === "bundle";
  const report = await readReport(tx, run.id, { arrays: withArrays });
  if (!report)
    throw new ApiError("RUN_NOT_FINISHED", `run ${run.key}: has no report, it is ${run.status}`, {
      status: run.status,
    });
  const stamp: Stamp = { run: run.key, receipt: report.receipt, warnings: report.warnings };
  const name = exportPath(request)
    .replace(/^(?:tables|figures)\//, "")
    .replaceAll("/", "-");
  const file = (mediaType: string, chunks: ExportedFile["chunks"]): ExportedFile => ({
    fileName: `${report.receipt.taskId}-${run.key}-${decodeURIComponent(name)}`,
    mediaType,
    chunks,
  });
  switch (request.what) {
    case "report":
      return {
        ...file(MEDIA.json, [reportJson(report)]),
        fileName: `${report.receipt.taskId}-${run.key}.json`,
      };
    case "arrays":
      return file(BINARY, arraysFile(report.arrays, stamp));
    case "bundle":
      return {
        ...file(BINARY, await bundleFile(tx, run, report)),
        fileName: `${report.receipt.taskId}-${run.key}.bundle`,
      };
    case "tables": {
      const tables = RUN_TABLE_NAMES.map((each) => RUN_TABLES[each](report));
      return file(MEDIA.latex, latex(tables, stampLines(stamp, "all tables"), request.digits));
    }
    case "table": {
      const table = selectColumns(tableOf(report, request.table), request.columns);
      return file(
        MEDIA[request.format],
        written(table, table, request, stamp, { what: `table ${table.name}` }),
      );
    }
    case "figure": {
      const { name: title, figure } = figureOf(report, request);
      const table = selectColumns(figureTable(title, figure), request.columns);
      const { kind, unit, unitText, meaning, formula, source } = figure;
      const page = request.columns ? table : printedFigure(title, figure);
      const words = { kind, unit, unitText, meaning, formula, source };
      return file(
        MEDIA[request.format],
        written(table, page, request, stamp, { what: `figure ${title}: ${figure.title}`, words }),
      );
    }
  }
}

function* written(
  table: Table,
  page: Table,
  { format, digits }: { format: TableFormat; digits?: number },
  stamp: Stamp,
  { what, words = {} }: { what: string; words?: Record<string, string> },
): Generator<string | Uint8Array> {
  const comments = [
    ...stampLines(stamp, what),
    ...Object.entries(words).map(([word, value]) => `${word}: ${value.replace(/\s+/g, " ")}`),
  ];
  if (format === "csv") yield* csv(table, comments);
  else if (format === "latex") yield* latex([page], comments, digits);
  else if (format === "json") yield tableJson(table, stamp, words);
  else yield parquet(table, stamp);
}

function tableOf(report: RunReport, name: string): Table {
  if (!Object.hasOwn(RUN_TABLES, name))
    throw new ApiError("NOT_FOUND", `table ${name}: there is none (allowed: ${RUN_TABLE_NAMES.join(", ")})`);
  return RUN_TABLES[name as RunTableName](report);
}

function figureOf(report: RunReport, wanted: { analysis: string; figure: string }) {
  const name = `${wanted.analysis}/${wanted.figure}`;
  const all = figuresOfRun(report);
  const found = all.find(({ analysis, figure }) => `${analysis}/${figure.id}` === name);
  if (!found) {
    const names = all.map(({ analysis, figure }) => `${analysis}/${figure.id}`).join(", ");
    throw new ApiError(
      "NOT_FOUND",
      `figure ${name}: the run has none of that name (allowed: ${names || "none: it has no further analyses"})`,
    );
  }
  return { name, figure: found.figure };
}
