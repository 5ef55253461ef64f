import { containsWord } from "../contains-word.ts";
import type { Task } from "../task.ts";
import { cleanText } from "./clean-text.ts";
import type { DropRule, ImportReport } from "./import-report.ts";
import type { RawFact } from "./raw-task.ts";

type Fact = Task["facts"][number];
interface Placed extends Fact {
  where: string;
}

/**
 * The facts of a file that a task can ask for. A subject with several answers is left out as a whole, since nothing says which is meant;
 * a fact that stands there twice is kept once, with the aliases of both.
 * @param clauses texts with `{subject}`, in which no answer may stand
 */
export function cleanFacts(
  facts: readonly RawFact[],
  clauses: readonly string[],
  report: ImportReport,
): Fact[] {
  report.facts.read += facts.length;
  const plain = facts.flatMap((fact) => cleanFact(fact, report) ?? []);
  const kept = unambiguous(plain, report).filter((fact) => {
    const clause = clauses.find((text) =>
      containsWord(
        text.replace("{subject}", () => fact.subject),
        fact.answer,
      ),
    );
    if (fact.subject.includes(fact.answer)) drop(report, "answer-in-subject", fact);
    else if (clause !== undefined) drop(report, "answer-in-clause", fact, clause);
    else return true;
    return false;
  });
  report.facts.kept += kept.length;
  return kept.map(({ subject, answer, aliases = [] }) => ({
    subject,
    answer,
    ...(aliases.length ? { aliases } : {}),
  }));
}

function cleanFact(raw: RawFact, report: ImportReport): Placed | null {
  const { where } = raw;
  const subject = cleanText(raw.subject, where, report);
  const answer = cleanText(raw.answer, where, report);
  const fact = { where, subject, answer };
  const rule: DropRule | null =
    subject === ""
      ? "no-subject"
      : answer === ""
        ? "no-answer"
        : /[{}]/.test(subject + answer)
          ? "braces"
          : null;
  if (rule) {
    drop(report, rule, fact);
    return null;
  }
  const aliases: string[] = [];
  for (const text of raw.aliases ?? []) {
    const alias = cleanText(text, where, report);
    if (alias === "" || alias === answer || aliases.includes(alias))
      report.dropped.push({ rule: "alias-dropped", where, what: JSON.stringify(text), because: answer });
    else aliases.push(alias);
  }
  return { ...fact, aliases };
}

function unambiguous(facts: readonly Placed[], report: ImportReport): Placed[] {
  const bySubject = new Map<string, Placed[]>();
  for (const fact of facts) bySubject.set(fact.subject, [...(bySubject.get(fact.subject) ?? []), fact]);
  return [...bySubject.values()].flatMap((same) => {
    const [first, ...others] = same as [Placed, ...Placed[]];
    const forms = new Set([first.answer, ...(first.aliases ?? [])]);
    if (others.some(({ answer }) => !forms.has(answer))) {
      const answers = [...new Set(same.map(({ answer }) => answer))].join(", ");
      for (const fact of same) drop(report, "several-answers", fact, answers);
      return [];
    }
    for (const fact of others) drop(report, "duplicate", fact, first.where);
    for (const alias of others.flatMap(({ aliases = [] }) => aliases)) forms.add(alias);
    forms.delete(first.answer);
    return [{ ...first, aliases: [...forms] }];
  });
}

const drop = (report: ImportReport, rule: DropRule, { where, subject, answer }: Placed, because?: string) =>
  report.dropped.push({
    rule,
    where,
    what: `${subject}: ${answer}`,
    ...(because === undefined ? {} : { because }),
  });
