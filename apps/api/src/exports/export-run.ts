import type { RunReport } from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import type { Run } from "../generated/prisma/client.ts";
import { readReport, reportJson } from "../results/read-report.ts";
import type { Tx } from "../services.ts";
import { bundleFile } from "./bundle/write-bundle.ts";
import { figureTable, printedFigure } from "./figure-table.ts";
import { figuresOfRun } from "./figures.ts";
import { arraysFile } from "./formats/arrays.ts";
import { latex } from "./formats/latex.ts";
import type { ExportRequest } from "./request.ts";
import { selectColumns } from "./select-columns.ts";
import { runStamp, stampLines } from "./stamp.ts";
import { RUN_TABLE_NAMES, RUN_TABLES } from "./tables/index.ts";
import { type ExportedFile, MEDIA, namedTable, partName, written } from "./written.ts";

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
  const stamp = runStamp({ run: run.key, receipt: report.receipt, warnings: report.warnings });
  const file = (mediaType: string, chunks: ExportedFile["chunks"]): ExportedFile => ({
    fileName: `${report.receipt.taskId}-${run.key}-${partName(request)}`,
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
      const table = selectColumns(namedTable(RUN_TABLES, request.table)(report), request.columns);
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
