/** The numbers behind a figure: what "show as table" and the CSV file contain. */
export interface FigureTable {
  columns: readonly string[];
  rows: readonly (readonly (string | number | null)[])[];
}

const quote = (value: string): string =>
  /[",#\n\r]|^$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

/** RFC 4180; full precision, not-observed values are empty, an empty text is `""`. A `#` is quoted: unquoted it begins a comment for many readers. */
export const toCsv = ({ columns, rows }: FigureTable): string =>
  [columns, ...rows]
    .map((row) => row.map((cell) => (cell === null ? "" : quote(String(cell)))).join(","))
    .join("\r\n");
