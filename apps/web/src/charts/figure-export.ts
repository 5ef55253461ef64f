import type { Explanation } from "@/features/explanations.ts";
import { type FigureTable, toCsv } from "../table/figure-table.ts";
import { type FigureReceipt, receiptLines } from "./figure-receipt.ts";

/** What a figure says of itself in the files it becomes. */
export interface FigureStamp {
  title: string;
  about: Omit<Explanation, "title">;
  receipts: readonly FigureReceipt[];
  /** Address of the page, with the view it had. */
  address: string;
}

/** Comment lines that begin with `#`, then the table: `pandas.read_csv(file, comment="#")` reads it. */
export function figureCsv(table: FigureTable, { title, about, receipts, address }: FigureStamp): string {
  const lines = [
    `Recallscope: ${title}; ${about.unit}`,
    ...receipts.flatMap(receiptLines),
    `formula: ${about.formula}`,
    `source: ${about.source}`,
    `shown at ${address}`,
  ];
  return `${lines.map((line) => `# ${line.replace(/[\r\n]+/g, "; ")}\r\n`).join("")}${toCsv(table)}`;
}

/** Rows as objects, beside what the figure is and which runs it shows; null is what was not observed. */
export const figureJson = (table: FigureTable, { title, about, receipts, address }: FigureStamp): string =>
  JSON.stringify(
    {
      figure: title,
      unit: about.unit,
      meaning: about.meaning,
      formula: about.formula,
      source: about.source,
      address,
      runs: receipts,
      columns: table.columns,
      rows: table.rows.map((row) => Object.fromEntries(table.columns.map((column, at) => [column, row[at]]))),
    },
    null,
    1,
  );

/** Hands a file to the browser. */
export function download(name: string, content: string | Blob, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

export const downloadCsv = (name: string, table: FigureTable): void =>
  download(`${name}.csv`, toCsv(table), "text/csv;charset=utf-8");
