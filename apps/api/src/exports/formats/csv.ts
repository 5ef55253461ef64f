import { stringify } from "csv-stringify/sync";
import { flatten } from "../flatten.ts";
import type { Table } from "../table.ts";

const ROWS_AT_A_TIME = 500;
const OPTIONS = {
  // An empty text is no missing value, a `#` begins no comment, and a carriage return ends no row.
  quoted_match: /^$|[#\r]|^\s|\s$/,
  cast: {
    boolean: (value: boolean) => String(value),
    number: (value: number) => String(value),
    object: (value: object) => JSON.stringify(value),
  },
};

/**
 * A table as CSV (RFC 4180, UTF-8, line feeds): comment lines that begin with `#`, the header, the rows. Numbers have all their
 * digits, what was not observed is empty, lists are JSON.
 */
export function* csv(table: Table, comments: readonly string[]): Generator<string> {
  const { columns, rows } = flatten(table);
  const about = columns.map((column) => `column ${column.name}: ${column.about}`);
  yield [...comments, ...about].map((line) => `# ${line}\n`).join("");
  yield stringify([columns.map(({ name }) => name)], OPTIONS);
  for (let start = 0; start < rows.length; start += ROWS_AT_A_TIME)
    yield stringify(rows.slice(start, start + ROWS_AT_A_TIME), OPTIONS);
}
