import type { Estimate } from "@recallscope/engine";

export type ColumnKind = "text" | "integer" | "number" | "boolean" | "list" | "estimate";
export type Cell = string | number | boolean | null | readonly unknown[] | Estimate;

export interface Column {
  /** As in files: lower case with underscores. */
  name: string;
  kind: ColumnKind;
  /** What it is, with its unit. */
  about: string;
}

/** Results as rows, before they take the form of a file. */
export interface Table {
  /** As in addresses and file names. */
  name: string;
  title: string;
  columns: readonly Column[];
  rows: readonly (readonly Cell[])[];
}

/** A column of a table, and how a row fills it. */
export interface ColumnOf<Row> extends Column {
  of: (row: Row) => Cell;
}

/** Fills a table. */
export const fill = <Row>(
  head: { name: string; title: string },
  columns: readonly ColumnOf<Row>[],
  rows: readonly Row[],
): Table => ({
  ...head,
  columns: columns.map(({ name, kind, about }) => ({ name, kind, about })),
  rows: rows.map((row) => columns.map(({ of }) => of(row))),
});

/** A column whose cells are the field of that name, or what `of` makes of the row. */
export const column =
  (kind: ColumnKind) =>
  <Row>(name: string, about: string, of: (row: Row) => Cell): ColumnOf<Row> => ({ name, kind, about, of });

export const text = column("text");
export const integer = column("integer");
export const number = column("number");
export const boolean = column("boolean");
export const list = column("list");
export const estimate = column("estimate");
