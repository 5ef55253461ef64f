import { EngineError } from "../../errors.ts";
import { parseTask } from "../load-task.ts";
import type { Task } from "../task.ts";
import { cleanClauses, dropChoices } from "./clean-clauses.ts";
import { cleanFacts } from "./clean-facts.ts";
import { emptyReport, type ImportReport } from "./import-report.ts";
import type { RawTask, TaskFields } from "./raw-task.ts";
import { hintsOf } from "./relation-word.ts";

/** What the user says about the task; it comes before what the file says. */
export interface ImportOptions extends Partial<TaskFields> {
  clauses?: readonly string[];
  shot?: string;
  /** A task that gives everything but the facts. */
  like?: Task;
  /** Of a CSV: the names of its columns. */
  columns?: { subject?: string; answer?: string; aliases?: string };
  /** Tasks with more are refused before anything is compared: that takes facts x clauses steps. Default: no limit. */
  most?: { facts: number; clauses: number };
}

export type Imported =
  | { task: Task; report: ImportReport; refused?: undefined }
  | { task?: undefined; name: string; refused: string; report: ImportReport };

/** Cleans what a reader found and makes a task of it; where nothing usable is left, says why. */
export function buildTask(
  raw: RawTask,
  options: ImportOptions,
  { foreign, report = emptyReport() }: { foreign: boolean; report?: ImportReport },
): Imported {
  const { like, clauses: wanted, shot: wantedShot, columns: _, most, ...given } = options;
  const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const tooMany = most && excess(raw.facts.length, (wanted ?? raw.clauses).length, most);
  if (tooMany)
    return { name: options.id ?? raw.fields.id ?? raw.fields.title ?? "task", refused: tooMany, report };
  if (like && raw.clauses.length) {
    report.clauses.read += raw.clauses.length;
    report.notes.push(`the clauses of ${like.id} stand for the ${raw.clauses.length} of the file`);
  } else if (wanted && raw.clauses.length) {
    report.clauses.read += raw.clauses.length;
    report.notes.push(`the given clauses stand for the ${raw.clauses.length} of the file`);
  }
  const texts = wanted?.map((text, i) => ({ where: `clause ${i + 1}`, text }));
  const named = { ...raw.fields, ...defined };
  const hints = [named.relation, named.title].flatMap((label) => (label ? hintsOf(label) : []));
  const usable =
    like && !texts
      ? [...like.clauses]
      : cleanClauses(texts ?? raw.clauses, { foreign: foreign || texts !== undefined, hints }, report);
  const answers = raw.facts.map(({ answer }) => answer.trim());
  const clauses = like ? usable : dropChoices(usable, answers, report);
  const facts = cleanFacts(
    raw.facts,
    clauses.map(({ text }) => text),
    report,
  );
  const fields = { ...raw.fields, ...(like && fieldsOf(like)), ...defined };
  const name = fields.id ?? fields.title ?? "task";
  const refuse = (refused: string): Imported => ({ name, refused, report });
  if (clauses.length === 0)
    return refuse("no clause is left (at least 1 is needed; give some, or a task that it is like)");
  if (facts.length < 2) return refuse(`${facts.length} facts are left (at least 2 are needed)`);
  const shot = wantedShot ?? like?.shot ?? raw.shot ?? demonstration(clauses[0]!.text);
  const value = {
    id: slug(fields.title ?? "task"),
    title: fields.id ?? "task",
    relation: clauses[0]!.relation,
    version: 1,
    domain: "imported",
    licence: "not stated",
    source: "imported",
    ...fields,
    clauses,
    shot,
    facts,
  };
  try {
    return { task: parseTask(value, name), report };
  } catch (error) {
    if (error instanceof EngineError) return refuse(error.message);
    throw error;
  }
}

const fieldsOf = ({ clauses: _c, shot: _s, facts: _f, ...fields }: Task): TaskFields => fields;

function excess(facts: number, clauses: number, most: { facts: number; clauses: number }): string | null {
  if (facts > most.facts) return `${facts} facts (allowed: up to ${most.facts}): make several tasks of them`;
  return clauses > most.clauses ? `${clauses} clauses (allowed: up to ${most.clauses})` : null;
}

/** The clause as a whole sentence with its answer. */
const demonstration = (clause: string): string =>
  `${clause.charAt(0).toUpperCase()}${clause.slice(1)} {answer}.`;

/** A name as an id: letters and digits of the Latin alphabet, joined by dashes. */
export const slug = (name: string): string =>
  name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "") || "task";
