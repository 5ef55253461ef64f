import { containsWord } from "../contains-word.ts";
import type { Task } from "../task.ts";
import { cleanText } from "./clean-text.ts";
import type { ChangeRule, DropRule, ImportReport } from "./import-report.ts";
import type { RawClause } from "./raw-task.ts";
import { relationOf } from "./relation-word.ts";

type Clauses = Task["clauses"];

/** How files mark the subject and the answer in a template. */
const SUBJECT = /\{\}|\{subject\}|\[X\]/g;
const ANSWER = /\{answer\}|\{object\}|\[Y\]/;
/** A sentence that is over can only be followed by another one, not by its answer. */
const OVER = /[.?!;…]["'”’)]?$/u;
/** Words that begin a sentence but name nothing, so that their capital letter is that of the sentence. */
const OPENING =
  /^(?:A|An|The|This|That|These|In|Into|On|At|By|For|From|Of|To|With|As|If|Is|When|Where|Which|What|Who|Whose|How|Most|Many|People|Someone|Everyone|One|It|Its|Their|You|Name|Today|During|Among|After|Before|Usually|Typically)(?= )/;

export interface ClauseOptions {
  /** Capital letters of sentences are made small: files of other tools hold whole sentences, tasks hold clauses. */
  foreign: boolean;
  /** Words that may name the relation, the best first; a clause's own comes before them. */
  hints: readonly string[];
}

/** The clauses of a file that a task can use: one place for the subject, written `{subject}`, ending right before the answer. */
export function cleanClauses(
  clauses: readonly RawClause[],
  { foreign, hints }: ClauseOptions,
  report: ImportReport,
): Clauses {
  report.clauses.read += clauses.length;
  const kept: Clauses = [];
  for (const clause of clauses) {
    const text = cleanClause(clause, foreign, report);
    if (text === null) continue;
    if (kept.some((other) => other.text === text)) {
      report.dropped.push({ rule: "duplicate-clause", where: clause.where, what: clause.text });
      continue;
    }
    const relation = relationOf(text, clause.relation ? [clause.relation, ...hints] : hints);
    kept.push({ id: freeId(clause.id, kept), text, relation });
  }
  report.clauses.kept += kept.length;
  return kept;
}

function cleanClause({ where, text: raw }: RawClause, foreign: boolean, report: ImportReport): string | null {
  const drop = (rule: DropRule) => {
    report.dropped.push({ rule, where, what: raw });
    return null;
  };
  const changes: ImportReport["changed"] = [];
  let text = cleanText(raw, where, report);
  const change = (rule: ChangeRule, to: string) => {
    if (to !== text) changes.push({ rule, where, from: text, to });
    text = to;
  };
  const slots = text.match(SUBJECT) ?? [];
  if (slots.length === 0) return drop("no-slot");
  if (slots.length > 1) return drop("several-slots");
  change("slot", text.replace(SUBJECT, "{subject}"));
  const answer = ANSWER.exec(text);
  if (answer) {
    const rest = text.slice(answer.index + answer[0].length);
    if (/[\p{L}\p{N}{]/u.test(rest)) return drop("not-before-answer");
    change("cut", text.slice(0, answer.index).trimEnd());
  }
  if (OVER.test(text)) return drop("not-before-answer");
  const words = text.replace("{subject}", "");
  if (/[{}]/.test(words)) return drop("unknown-place");
  if (!/[\p{L}\p{N}]/u.test(words)) return drop("no-words");
  if (foreign)
    change(
      "lower-case",
      text.replace(OPENING, (word) => word.toLowerCase()),
    );
  report.changed.push(...changes);
  return text;
}

/**
 * Leaves out clauses that name the answers of at least half of the facts, as a question with a list of choices does: else those facts would
 * all be dropped on account of one clause.
 */
export function dropChoices(clauses: Clauses, answers: readonly string[], report: ImportReport): Clauses {
  return clauses.filter(({ text }) => {
    const named = answers.filter((answer) => answer !== "" && containsWord(text, answer)).length;
    if (named === 0 || 2 * named < answers.length) return true;
    const because = `${named} of ${answers.length}`;
    report.dropped.push({ rule: "names-answers", where: "clauses", what: text, because });
    report.clauses.kept -= 1;
    return false;
  });
}

function freeId(wanted: string | undefined, kept: Clauses): string {
  const taken = new Set(kept.map(({ id }) => id));
  const base = wanted || `clause-${kept.length + 1}`;
  let id = base;
  for (let n = 2; taken.has(id); n++) id = `${base}-${n}`;
  return id;
}
