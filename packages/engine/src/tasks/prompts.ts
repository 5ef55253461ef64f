import { EngineError } from "../errors.ts";
import { seededRandom, shuffled } from "../math/random.ts";
import type { RunSettings } from "../results/receipt.ts";
import { containsWord, wordPlaces } from "./contains-word.ts";
import { LEAD_INS } from "./lead-ins.ts";
import type { Task } from "./task.ts";

/** One sentence start that asks for a fact's answer, before tokenisation. */
export interface PromptText {
  fact: number;
  /** `clause/leadIn`. */
  frame: string;
  text: string;
  /** Characters of the query's subject: `[start, end)`. */
  subject: [number, number];
  /** Characters of the last occurrence of the clause's relation word in the query; null where the query does not contain it. */
  relation: [number, number] | null;
  /** Characters of subject and answer of each demonstration. */
  shots: { subject: [number, number]; answer: [number, number] }[];
}

type Fact = Task["facts"][number];

/** The frames of a run: every clause with each of the first `leadIns` lead-ins. */
export const framesOf = (task: Task, settings: RunSettings) =>
  task.clauses.flatMap((clause) => LEAD_INS.slice(0, settings.leadIns).map((leadIn) => ({ clause, leadIn })));

/** The prompts of one fact, in the order of `framesOf`. With `as`, the same prompts ask about another subject instead. */
export function promptTexts(
  task: Task,
  settings: RunSettings,
  fact: number,
  as: number = fact,
): PromptText[] {
  const { text: demonstrations, spans: shots } = demonstrationsOf(task, shotFacts(task, settings, fact));
  const { subject } = task.facts[as]!;
  return framesOf(task, settings).map(({ clause, leadIn }) => {
    const query = leadIn.text === "" ? capitalised(clause.text) : `${leadIn.text} ${clause.text}`;
    const at = demonstrations.length + query.indexOf("{subject}");
    const text = demonstrations + query.replace("{subject}", () => subject);
    return {
      fact,
      frame: `${clause.id}/${leadIn.id}`,
      text,
      subject: [at, at + subject.length],
      relation: lastWord(text, clause.relation, demonstrations.length),
      shots,
    };
  });
}

/** Sentences one after the other, each with a blank behind it, and where subject and answer stand in them. */
function demonstrationsOf(task: Task, facts: readonly Fact[]): { text: string; spans: PromptText["shots"] } {
  let text = "";
  const spans = facts.map((fact) => {
    const span: PromptText["shots"][number] = { subject: [0, 0], answer: [0, 0] };
    for (const part of task.shot.split(/(\{subject\}|\{answer\})/)) {
      const role = part === "{subject}" ? "subject" : part === "{answer}" ? "answer" : null;
      const from = text.length;
      text += role ? fact[role] : part;
      if (role) span[role] = [from, text.length];
    }
    text += " ";
    return span;
  });
  return { text, spans };
}

/** Last occurrence of a word as such, at or after `from`; a capital first letter counts as the same. */
function lastWord(text: string, word: string, from: number): [number, number] | null {
  const found = [word, capitalised(word)]
    .flatMap((form) => wordPlaces(text, form))
    .filter((at) => at >= from);
  if (found.length === 0) return null;
  const at = Math.max(...found);
  return [at, at + word.length];
}

/**
 * Demonstrations of a fact: a seeded choice among the other facts, the same in all its prompts. They have other answers and name
 * neither the fact's subject nor its answer.
 */
export function shotFacts(task: Task, settings: RunSettings, fact: number): Fact[] {
  if (settings.shots === 0) return [];
  const { subject, answer } = task.facts[fact]!;
  const order = shuffled(task.facts, seededRandom(`shots ${settings.seed} ${task.id} ${subject}`));
  const fit = order.filter((other) => {
    if (other.subject === subject || other.answer === answer) return false;
    const sentence = demonstrationsOf(task, [other]).text;
    return !containsWord(sentence, subject) && !containsWord(sentence, answer);
  });
  if (fit.length < settings.shots) {
    throw new EngineError(
      "BAD_SETTINGS",
      `setting shots: ${settings.shots} (task ${task.id} has ${fit.length} facts that can stand before ${subject}; use at most ${fit.length} shots)`,
    );
  }
  return fit.slice(0, settings.shots);
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
