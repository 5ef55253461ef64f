import { containsWord } from "./contains-word.ts";
import { LEAD_INS } from "./lead-ins.ts";
import type { Task } from "./task.ts";

export interface TaskDescription {
  facts: number;
  answers: number;
  /** The answer of most facts, and its share of them: what always giving it would reach. */
  commonest: { answer: string; share: number };
  /** Facts that a run with that lead-in drops, since lead-in or clause name the answer. */
  named: { subject: string; answer: string; leadIn: string; text: string }[];
}

/** What can be said of a task without a model. */
export function describeTask({ facts, clauses }: Task): TaskDescription {
  const counts = new Map<string, number>();
  for (const { answer } of facts) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  const [answer, count] = [...counts].reduce((best, other) => (other[1] > best[1] ? other : best));
  const named = facts.flatMap((fact) =>
    LEAD_INS.flatMap(({ id, text: leadIn }) => {
      const texts = clauses.map(({ text }) =>
        `${leadIn} ${text.replace("{subject}", () => fact.subject)}`.trim(),
      );
      const found = fact.subject.includes(fact.answer)
        ? texts[0]
        : texts.find((text) => containsWord(text, fact.answer));
      return found === undefined
        ? []
        : [{ subject: fact.subject, answer: fact.answer, leadIn: id, text: found }];
    }),
  );
  return {
    facts: facts.length,
    answers: counts.size,
    commonest: { answer, share: count / facts.length },
    named,
  };
}
