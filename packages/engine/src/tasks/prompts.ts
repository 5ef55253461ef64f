import { EngineError } from "../errors.ts";
import { seededRandom, shuffled } from "../math/random.ts";
import type { RunSettings } from "../results/receipt.ts";
import { containsWord } from "./contains-word.ts";
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
  const demonstrations = shotFacts(task, settings, fact)
    .map((shot) => `${demonstration(task, shot)} `)
    .join("");
  const { subject } = task.facts[as]!;
  return framesOf(task, settings).map(({ clause, leadIn }) => {
    const query = leadIn.text === "" ? capitalised(clause.text) : `${leadIn.text} ${clause.text}`;
    const at = demonstrations.length + query.indexOf("{subject}");
    return {
      fact,
      frame: `${clause.id}/${leadIn.id}`,
      text: demonstrations + query.replace("{subject}", () => subject),
      subject: [at, at + subject.length],
    };
  });
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
    const sentence = demonstration(task, other);
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

const demonstration = (task: Task, { subject, answer }: Fact): string =>
  task.shot.replace(/\{(subject|answer)\}/g, (_, name) => (name === "subject" ? subject : answer));

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
