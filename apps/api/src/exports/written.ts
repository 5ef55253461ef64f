import { ApiError } from "../errors.ts";
import { csv } from "./formats/csv.ts";
import { tableJson } from "./formats/json.ts";
import { latex } from "./formats/latex.ts";
import { parquet } from "./formats/parquet.ts";
import { type ExportRequest, exportPath, type TableFormat } from "./request.ts";
import { type Stamp, stampLines } from "./stamp.ts";
import type { Table } from "./table.ts";

export interface ExportedFile {
  fileName: string;
  mediaType: string;
  chunks: Iterable<string | Uint8Array>;
}

export const MEDIA: Record<TableFormat, string> = {
  csv: "text/csv; charset=utf-8",
  json: "application/json; charset=utf-8",
  parquet: "application/vnd.apache.parquet",
  latex: "application/x-tex; charset=utf-8",
};

/** What a file is called after the name of what it is of. */
export const partName = (request: ExportRequest): string =>
  decodeURIComponent(
    exportPath(request)
      .replace(/^(?:tables|figures)\//, "")
      .replaceAll("/", "-"),
  );

/** The table of a name. @throws ApiError NOT_FOUND naming the ones there are */
export function namedTable<T>(tables: Readonly<Record<string, T>>, name: string): T {
  if (!Object.hasOwn(tables, name))
    throw new ApiError(
      "NOT_FOUND",
      `table ${name}: there is none (allowed: ${Object.keys(tables).join(", ")})`,
    );
  return tables[name]!;
}

/** A table in one of the forms. @param page the same as a page shows it */
export function* written(
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
