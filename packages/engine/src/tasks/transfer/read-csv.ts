import { CsvError, parse } from "csv-parse/sync";
import { EngineError } from "../../errors.ts";
import { splitAliases } from "./aliases.ts";
import type { ImportOptions } from "./build-task.ts";
import type { ImportReport } from "./import-report.ts";
import type { RawFact, RawTask } from "./raw-task.ts";

const SEPARATORS = [",", ";", "\t"];
/** Names of columns that are understood without being told, in any case of letters. */
const NAMES = { subject: ["subject"], answer: ["answer", "object"], aliases: ["aliases", "alias"] };
type Column = keyof typeof NAMES;

interface Row {
  record: string[];
  line: number;
}

/**
 * A table with one fact a row: columns `subject`, `answer` and perhaps `aliases` (joined by `|`), named in the first row. The separator is
 * the one of comma, semicolon and tab that splits the first row into the most columns. @throws EngineError BAD_INPUT
 */
export function readCsv(text: string, where: string, options: ImportOptions, report: ImportReport): RawTask {
  // The parser counts a line end of Windows inside a cell twice; line breaks in cells become blanks anyway.
  const lines = text.replace(/\r\n?/g, "\n");
  const delimiter = separatorOf(lines);
  const rows = rowsOf(lines, delimiter, where);
  const [header, ...body] = rows;
  if (!header) throw new EngineError("BAD_INPUT", `file ${where}: is empty (a row of column names expected)`);
  const names = header.record.map((name) => name.trim());
  const subject = place("subject", names, options, where);
  const answer = place("answer", names, options, where);
  const aliases = place("aliases", names, options, where);
  const unread = names.filter((_, i) => ![subject, answer, aliases].includes(i));
  if (unread.length) report.notes.push(`columns that are not read: ${unread.join(", ")}`);

  const facts: RawFact[] = [];
  let blank = 0;
  for (const { record, line } of body) {
    const at = `line ${line}`;
    if (record.length === 1 && record[0]!.trim() === "") blank += 1;
    else if (record.length !== names.length) {
      report.facts.read += 1;
      report.dropped.push({
        rule: "wrong-columns",
        where: at,
        what: record.join(delimiter),
        because: `${record.length} instead of ${names.length}`,
      });
    } else
      facts.push({
        where: at,
        subject: record[subject]!,
        answer: record[answer]!,
        aliases: aliases < 0 ? [] : splitAliases(record[aliases]!.trim()),
      });
  }
  if (blank) report.notes.push(`${blank} blank ${blank === 1 ? "line" : "lines"}`);
  return { fields: {}, clauses: [], facts };
}

function separatorOf(text: string): string {
  const columns = (delimiter: string): number => {
    try {
      return parse(text, { delimiter, relax_column_count: true, to: 1 })[0]?.length ?? 0;
    } catch {
      // Quotes that do not fit this separator; if they fit none, reading the table says so.
      return 0;
    }
  };
  return SEPARATORS.reduce((best, other) => (columns(other) > columns(best) ? other : best));
}

/** Rows with the line on which each begins. */
function rowsOf(text: string, delimiter: string, where: string): Row[] {
  try {
    const rows = parse(text, {
      delimiter,
      relax_column_count: true,
      info: true,
      raw: true,
    }) as unknown as {
      record: string[];
      raw: string;
      info: { lines: number };
    }[];
    // The parser counts up to the line on which a row ends; a quoted cell may hold several.
    return rows.map(({ record, raw, info }) => ({ record, line: info.lines - lineBreaks(raw.trimEnd()) }));
  } catch (error) {
    if (error instanceof CsvError)
      throw new EngineError("BAD_INPUT", `file ${where}: is not a CSV table (${error.message})`, {
        cause: error,
      });
    throw error;
  }
}

const lineBreaks = (raw: string): number => raw.match(/\n/g)?.length ?? 0;

function place(column: Column, names: readonly string[], { columns }: ImportOptions, where: string): number {
  const wanted = columns?.[column];
  const found = names.findIndex((name) =>
    wanted === undefined ? NAMES[column].includes(name.toLowerCase()) : name === wanted,
  );
  if (found < 0 && (wanted !== undefined || column !== "aliases"))
    throw new EngineError(
      "BAD_INPUT",
      `file ${where}: no column ${wanted ?? NAMES[column].join(" or ")} (there are: ${names.join(", ")}; name it in the columns: ${column}=NAME)`,
    );
  return found;
}
