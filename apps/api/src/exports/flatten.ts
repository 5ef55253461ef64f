import type { Estimate } from "@recallscope/engine";
import type { Cell, Column, Table } from "./table.ts";

export interface FlatColumn {
  name: string;
  kind: Exclude<Column["kind"], "estimate">;
  about: string;
}
export type FlatCell = string | number | boolean | null | readonly unknown[];

/** A table with one number per cell: an estimate becomes five columns. */
export interface FlatTable {
  columns: FlatColumn[];
  rows: FlatCell[][];
}

const PARTS = [
  ["", "number", (of: string) => of, (e: Estimate) => e.value],
  ["_low", "number", () => "lower bound of its 95 % interval over facts", (e: Estimate) => e.low],
  ["_high", "number", () => "upper bound of its 95 % interval over facts", (e: Estimate) => e.high],
  ["_n", "integer", () => "facts behind it", (e: Estimate) => e.n],
  ["_reason", "text", () => "why it was not observed", (e: Estimate) => e.reason ?? null],
] as const;

export const flatten = ({ columns, rows }: Table): FlatTable => ({
  columns: columns.flatMap(({ name, kind, about }): FlatColumn[] =>
    kind === "estimate"
      ? PARTS.map(([suffix, part, words]) => ({ name: name + suffix, kind: part, about: words(about) }))
      : [{ name, kind, about }],
  ),
  rows: rows.map((row) => row.flatMap((cell, i) => flatCells(columns[i]!, cell))),
});

function flatCells({ kind }: Column, cell: Cell): FlatCell[] {
  if (kind !== "estimate") return [cell as FlatCell];
  if (cell === null) return PARTS.map(() => null);
  return PARTS.map(([, , , read]) => read(cell as Estimate));
}
