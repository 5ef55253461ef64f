import type { Estimate } from "@recallscope/engine";
import type { Cell, Column, Table } from "../table.ts";
import { latexNumber, latexText } from "./latex-text.ts";

export const DEFAULT_DIGITS = 4;
export const MAX_DIGITS = 17;
/** Above that a table runs over several pages. */
const ROWS_OF_A_PAGE = 40;
const MISSING = "--";

/**
 * Tables for a paper: booktabs, estimates as value [low, high] with their number of facts, `--` for what was not observed and the
 * reasons below.
 * @param digits significant digits
 */
export function* latex(
  tables: readonly Table[],
  comments: readonly string[],
  digits = DEFAULT_DIGITS,
): Generator<string> {
  const lines = [
    ...comments,
    "needs \\usepackage[T1]{fontenc} and \\usepackage{booktabs,longtable}; texts beyond Latin need LuaLaTeX or XeLaTeX",
  ];
  yield lines.map((line) => `% ${line}\n`).join("");
  for (const table of tables) yield one(table, digits);
}

function one(table: Table, digits: number): string {
  const columns = printedColumns(table);
  const rows = table.rows.map((row) =>
    columns.map(({ at, part }) => printed(row[at]!, table.columns[at]!, part, digits)),
  );
  const header = row(columns.map(({ title }) => title));
  const body = rows.map(row).join("\n");
  const shape = columns.map(({ left }) => (left ? "l" : "r")).join("");
  const label = `\\label{tab:${table.name.replace(/[^A-Za-z0-9/-]/g, "-")}}`;
  const caption = `\\caption{${latexText(table.title)}${notes(table)}}`;
  const long = rows.length > ROWS_OF_A_PAGE;
  const start = long
    ? [`\\begin{longtable}{${shape}}`, `${caption}${label}\\\\`]
    : ["\\begin{table}[htbp]", "\\centering", caption, label, `\\begin{tabular}{${shape}}`];
  const end = long ? ["\\end{longtable}"] : ["\\end{tabular}", "\\end{table}"];
  const head = ["\\toprule", header, "\\midrule", ...(long ? ["\\endhead"] : [])];
  return `${["", ...start, ...head, ...(body ? [body] : []), "\\bottomrule", ...end].join("\n")}\n`;
}

const row = (cells: readonly string[]): string => `${cells.join(" & ")} \\\\`;

interface Printed {
  at: number;
  part: "cell" | "n";
  title: string;
  left: boolean;
}

/** Estimates bring a column with their n: one for all where every row has a single n, else one each. */
function printedColumns({ columns, rows }: Table): Printed[] {
  const estimates = columns.flatMap(({ kind }, at) => (kind === "estimate" ? [at] : []));
  const shared = rows.every(
    (cells) => new Set(estimates.map((at) => (cells[at] as Estimate | null)?.n)).size <= 1,
  );
  const n = (at: number, title: string): Printed => ({ at, part: "n", title, left: false });
  const cells = columns.flatMap(({ name, kind }, at): Printed[] => {
    const title = latexText(name.replaceAll("_", " "));
    const left = kind === "text" || kind === "list";
    return [
      { at, part: "cell", title, left },
      ...(kind === "estimate" && !shared ? [n(at, `$n$ (${title})`)] : []),
    ];
  });
  return estimates.length > 0 && shared ? [...cells, n(estimates[0]!, "$n$")] : cells;
}

function printed(cell: Cell, { kind }: Column, part: Printed["part"], digits: number): string {
  if (cell === null) return MISSING;
  if (kind === "estimate") {
    const { value, low, high, n } = cell as Estimate;
    if (part === "n") return latexNumber(n, MAX_DIGITS);
    if (value === null) return MISSING;
    const bounds =
      low === null || high === null ? "" : ` [${latexNumber(low, digits)}, ${latexNumber(high, digits)}]`;
    return `${latexNumber(value, digits)}${bounds}`;
  }
  if (typeof cell === "number") return latexNumber(cell, kind === "integer" ? MAX_DIGITS : digits);
  if (typeof cell === "string") return latexText(cell);
  return latexText(typeof cell === "boolean" ? (cell ? "yes" : "no") : JSON.stringify(cell));
}

function notes({ columns, rows }: Table): string {
  const estimates = columns.flatMap(({ kind }, at) => (kind === "estimate" ? [at] : []));
  if (estimates.length === 0) return "";
  const reasons = new Set(
    rows.flatMap((cells) => estimates.flatMap((at) => (cells[at] as Estimate | null)?.reason ?? [])),
  );
  const why = reasons.size ? ` ${MISSING}: not observed (${[...reasons].map(latexText).join("; ")}).` : "";
  return `. In brackets: 95\\,\\% interval over facts; $n$: facts.${why}`;
}
