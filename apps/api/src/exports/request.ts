import { ApiError } from "../errors.ts";
import { MAX_DIGITS } from "./formats/latex.ts";

export const TABLE_FORMATS = ["csv", "json", "parquet", "latex"] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];
export const EXPORT_FORMATS = [...TABLE_FORMATS, "safetensors", "bundle"] as const;
export type RunExportFormat = (typeof EXPORT_FORMATS)[number];

/** What is asked of a run as a file. */
export type ExportRequest =
  | { what: "report" | "arrays" | "bundle" }
  | ({ what: "tables" } & Look)
  | ({ what: "table"; table: string; format: TableFormat } & Look)
  | ({ what: "figure"; analysis: string; figure: string; format: TableFormat } & Look);
interface Look {
  /** Only these columns, in this order; estimates count as one. */
  columns?: readonly string[];
  /** Significant digits of LaTeX. */
  digits?: number;
}

const EXTENSIONS: Record<TableFormat, string> = {
  csv: "csv",
  json: "json",
  parquet: "parquet",
  latex: "tex",
};
const FORMATS: Record<string, TableFormat> = { csv: "csv", json: "json", parquet: "parquet", tex: "latex" };
const WHOLE = {
  report: "report.json",
  arrays: "arrays.safetensors",
  bundle: "run.bundle",
  tables: "tables.tex",
} as const;

/** The address of an export below that of its run, e.g. `tables/heads.csv`; the same names the file. */
export function exportPath(request: ExportRequest): string {
  switch (request.what) {
    case "table":
      return `tables/${encodeURIComponent(request.table)}.${EXTENSIONS[request.format]}`;
    case "figure":
      return `figures/${encodeURIComponent(request.analysis)}/${encodeURIComponent(request.figure)}.${EXTENSIONS[request.format]}`;
    default:
      return WHOLE[request.what];
  }
}

/** The part of an address after `?`, empty where nothing is asked. */
export function exportQuery(request: ExportRequest): string {
  const { columns, digits } = request as Look;
  const query = new URLSearchParams({
    ...(columns && { columns: columns.join(",") }),
    ...(digits !== undefined && { digits: String(digits) }),
  });
  return query.size ? `?${query}` : "";
}

const ADDRESSES =
  "report.json, arrays.safetensors, run.bundle, tables.tex, tables/NAME.EXT, figures/ANALYSIS/FIGURE.EXT with EXT csv, json, parquet or tex";

/** The opposite of exportPath and exportQuery. @throws ApiError BAD_USER_INPUT naming what is allowed */
export function parseExport(parts: readonly string[], query: URLSearchParams): ExportRequest {
  const path = parts.join("/");
  const whole = (Object.keys(WHOLE) as (keyof typeof WHOLE)[]).find((what) => WHOLE[what] === path);
  const look = readLook(query);
  if (whole === "tables") return { what: whole, ...look };
  if (whole !== undefined) return { what: whole };
  const dot = path.lastIndexOf(".");
  const format = FORMATS[path.slice(dot + 1)];
  const [kind, ...names] = dot < 0 ? [] : path.slice(0, dot).split("/");
  if (format !== undefined && kind === "tables" && names.length === 1)
    return { what: "table", table: names[0]!, format, ...look };
  if (format !== undefined && kind === "figures" && names.length === 2)
    return { what: "figure", analysis: names[0]!, figure: names[1]!, format, ...look };
  throw new ApiError("BAD_USER_INPUT", `export ${path}: not understood (allowed: ${ADDRESSES})`);
}

function readLook(query: URLSearchParams): Look {
  const columns = query.get("columns");
  const digits = query.get("digits");
  return {
    ...(columns !== null && { columns: columns.split(",").map((name) => name.trim()) }),
    ...(digits !== null && { digits: checkDigits(digits) }),
  };
}

/** @throws ApiError BAD_USER_INPUT */
export function checkDigits(text: string): number {
  const digits = Number(text);
  if (!/^\d+$/.test(text) || digits < 1 || digits > MAX_DIGITS)
    throw new ApiError("BAD_USER_INPUT", `digits ${text}: allowed are 1 to ${MAX_DIGITS}`);
  return digits;
}
