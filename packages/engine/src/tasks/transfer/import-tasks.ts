import { EngineError } from "../../errors.ts";
import { buildTask, type Imported, type ImportOptions } from "./build-task.ts";
import { decodeJson, decodeText } from "./decode-text.ts";
import { emptyReport, type ImportReport } from "./import-report.ts";
import { isCounterFact, readCounterFact } from "./read-counterfact.ts";
import { readCsv } from "./read-csv.ts";
import { readJsonTask } from "./read-json-task.ts";
import { isLre, readLre } from "./read-lre.ts";

export const IMPORT_FORMATS = ["json", "csv", "lre", "counterfact"] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

export interface ImportResult {
  format: ImportFormat;
  /** One task, or one for each relation of a CounterFact file; refused ones say why. */
  imported: Imported[];
  /** Entries of the file that belong to no task. */
  stray: ImportReport;
}

/**
 * Tasks out of a file of another form. Nothing is left out or changed without an entry in a report.
 * @param where the file's name, for messages and for the task's source
 * @param format null: told from the content
 * @throws EngineError BAD_INPUT where the file as a whole cannot be read
 */
export function importTasks(
  bytes: Uint8Array,
  where: string,
  format: ImportFormat | null,
  options: ImportOptions = {},
): ImportResult {
  const report = emptyReport();
  const text = decodeText(bytes, where, report);
  const looksLikeJson = /^\s*[[{]/.test(text);
  const value = format === "csv" || (format === null && !looksLikeJson) ? undefined : decodeJson(text, where);
  const found = format ?? formatOf(value);
  switch (found) {
    case "csv": {
      if (options.id === undefined && !options.like)
        throw new EngineError(
          "BAD_INPUT",
          `file ${where}: a table does not say what the task is called (give it an id, or a task that it is like)`,
        );
      const raw = readCsv(text, where, options, report);
      raw.fields.source = `imported from ${where}`;
      return {
        format: found,
        imported: [buildTask(raw, options, { foreign: true, report })],
        stray: emptyReport(),
      };
    }
    case "lre": {
      const raw = readLre(value, where, report);
      return {
        format: found,
        imported: [buildTask(raw, options, { foreign: true, report })],
        stray: emptyReport(),
      };
    }
    case "json": {
      const raw = readJsonTask(value, where, report);
      return {
        format: found,
        imported: [buildTask(raw, options, { foreign: false, report })],
        stray: emptyReport(),
      };
    }
    case "counterfact": {
      const { relations, stray } = readCounterFact(value, where);
      stray.notes.push(...report.notes);
      if (relations.length > 1 && (options.id !== undefined || options.title !== undefined))
        throw new EngineError(
          "BAD_INPUT",
          `file ${where}: has ${relations.length} relations, which cannot all have one id or title (leave these out)`,
        );
      const imported = relations.map((own) =>
        buildTask(own.raw, options, { foreign: true, report: own.report }),
      );
      return { format: found, imported, stray };
    }
  }
}

function formatOf(value: unknown): ImportFormat {
  if (value === undefined) return "csv";
  if (isLre(value)) return "lre";
  return isCounterFact(value) ? "counterfact" : "json";
}
