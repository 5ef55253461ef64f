import { flatten } from "../flatten.ts";
import type { Stamp } from "../stamp.ts";
import type { Table } from "../table.ts";

/** A table as JSON: what each column is, and rows as objects; lists stay lists. */
export function tableJson(table: Table, stamp: Stamp, more: Record<string, unknown> = {}): string {
  const { columns, rows } = flatten(table);
  return `${JSON.stringify({
    table: table.name,
    title: table.title,
    ...more,
    ...stamp.fields,
    columns: Object.fromEntries(columns.map(({ name, about }) => [name, about])),
    rows: rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i]]))),
  })}\n`;
}
