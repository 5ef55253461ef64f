import { ApiError } from "../errors.ts";
import type { StoredComparison } from "../run-comparison/stored-comparison.ts";
import { COMPARISON_TABLES } from "./comparison-tables/index.ts";
import { latex } from "./formats/latex.ts";
import { type ExportRequest, exportPath } from "./request.ts";
import { selectColumns } from "./select-columns.ts";
import { comparisonStamp, stampLines } from "./stamp.ts";
import { type ExportedFile, MEDIA, namedTable, partName, written } from "./written.ts";

/**
 * A table of compared runs, or all of them as LaTeX, as a file that says what was compared.
 * @throws ApiError NOT_FOUND for a table that there is not; BAD_USER_INPUT for its columns, and for what only single runs have
 */
export async function exportComparison(
  comparison: StoredComparison,
  request: ExportRequest,
): Promise<ExportedFile> {
  const { runs, axis, baseline, forced } = comparison;
  const stamp = comparisonStamp(
    runs.map(({ run, report: { receipt, warnings } }) => ({ run: run.key, receipt, warnings })),
    { axis, baseline: runs[baseline]!.run.key, forced },
  );
  const fileName = `comparison-${runs[baseline]!.run.key}-${partName(request)}`;
  if (request.what === "table") {
    const table = selectColumns(
      await namedTable(COMPARISON_TABLES, request.table)(comparison),
      request.columns,
    );
    const chunks = written(table, table, request, stamp, { what: `comparison, table ${table.name}` });
    return { fileName, mediaType: MEDIA[request.format], chunks };
  }
  if (request.what !== "tables")
    throw new ApiError(
      "BAD_USER_INPUT",
      `export ${exportPath(request)}: only single runs have it (allowed for comparisons: tables.tex, tables/NAME.EXT)`,
    );
  const tables = await Promise.all(Object.values(COMPARISON_TABLES).map((table) => table(comparison)));
  const chunks = latex(tables, stampLines(stamp, "comparison, all tables"), request.digits);
  return { fileName, mediaType: MEDIA.latex, chunks };
}
