import { EngineError } from "../../errors.ts";
import { seededRandom, shuffled } from "../../math/random.ts";
import type { RunSettings } from "../../results/receipt.ts";
import type { Tokenizer } from "../../tokenizers/tokenizer.ts";
import { type AdmittedFact, admitFact } from "../admission.ts";
import { containsWord } from "../contains-word.ts";
import type { EncodedPrompt } from "../encode-prompt.ts";
import type { PreparedPrompt } from "../prepare.ts";
import { promptTexts } from "../prompts.ts";
import type { Task } from "../task.ts";
import { type Counterfactual, type Drawn, rolePositions } from "./counterfactual.ts";
import { leadInOf } from "./generic.ts";

export interface RelationInput {
  related: readonly Task[];
  tokenizer: Tokenizer;
  settings: RunSettings;
  /** Longest prompt of the model, in tokens. */
  positions: number;
}

/** 3: every role at its place; 2: as many tokens; 1: only roles can be patched. */
type Fit = 1 | 2 | 3;

/**
 * The prompts of one fact with another relation's clause about `subject` (the fact's own, or its donor's when both are changed), in the
 * order of `prompts`. One related task serves all prompts of the fact: that with the most prompts of equal token counts, then a seeded
 * choice. Lead-ins stay; demonstrations become those of the other relation. The other answer must have another first token, and neither
 * answer may stand in the new prompt.
 */
export function relationCounterfactuals(
  prompts: readonly PreparedPrompt[],
  answer: string,
  subject: string,
  input: RelationInput,
): Drawn[] {
  const { related, settings } = input;
  if (related.length === 0) return prompts.map(() => ({ reason: "no related task is at hand" }));
  const order = shuffled(related, seededRandom(`relation ${settings.seed} ${subject}`));
  const reasons: string[] = [];
  let best: { score: number; drawn: Drawn[] } | null = null;
  for (const task of order) {
    const admitted = askAbout(subject, task, input);
    if ("reason" in admitted) {
      reasons.push(`${task.id}: ${admitted.reason}`);
      continue;
    }
    const options = shuffled(
      admitted.prompts,
      seededRandom(`clauses ${settings.seed} ${subject} ${task.id}`),
    );
    const found = prompts.map((prompt) =>
      bestOption(prompt, answer, admitted, options, `${task.id}/${subject}`),
    );
    for (const own of found) if ("reason" in own.drawn) reasons.push(`${task.id}: ${own.drawn.reason}`);
    // Aligned prompts count first, then equal lengths, then all: no sum of lower fits outweighs one of a higher.
    const score = found.reduce(
      (sum, { fit }) => sum + (fit === 0 ? 0 : (prompts.length + 1) ** (fit - 1)),
      0,
    );
    if (!best || score > best.score) best = { score, drawn: found.map(({ drawn }) => drawn) };
  }
  if (best && best.score > 0) return best.drawn;
  const why = [...new Set(reasons)].join("; ");
  return prompts.map(() => ({ reason: `no related task gives a prompt about ${subject} (${why})` }));
}

/** The related task's own prompts about a subject, checked like those of any run. */
function askAbout(
  subject: string,
  task: Task,
  { tokenizer, settings, positions }: RelationInput,
): AdmittedFact | { reason: string } {
  const index = task.facts.findIndex((fact) => fact.subject === subject);
  if (index < 0) return { reason: "does not have this subject" };
  try {
    return admitFact(index, task.facts[index]!, promptTexts(task, settings, index), tokenizer, positions);
  } catch (error) {
    if (error instanceof EngineError && error.code === "BAD_SETTINGS") return { reason: error.message };
    throw error;
  }
}

function bestOption(
  prompt: PreparedPrompt,
  answer: string,
  admitted: AdmittedFact,
  options: readonly EncodedPrompt[],
  source: string,
): { fit: Fit | 0; drawn: Drawn } {
  if (admitted.answerToken === prompt.answerToken)
    return { fit: 0, drawn: { reason: `its answer ${admitted.answer} has the same first token` } };
  let best: { fit: Fit; option: EncodedPrompt } | null = null;
  for (const option of options) {
    if (leadInOf(option.frame) !== leadInOf(prompt.frame) || containsWord(option.text, answer)) continue;
    const fit = fitOf(prompt, option);
    if (!best || fit > best.fit) best = { fit, option };
  }
  if (!best) return { fit: 0, drawn: { reason: `its prompts name the answer ${answer}` } };
  const { tokens } = best.option;
  const counterfactual: Counterfactual = {
    source,
    tokens,
    positions: rolePositions(best.option),
    wrongToken: admitted.answerToken,
    aligned: best.fit === 3,
  };
  return { fit: best.fit, drawn: { counterfactual } };
}

function fitOf(prompt: PreparedPrompt, option: EncodedPrompt): Fit {
  if (option.tokens.length !== prompt.tokens.length) return 1;
  const [own, other] = [rolePositions(prompt), rolePositions(option)];
  const samePlaces = own.subjLast === other.subjLast && own.relLast === other.relLast;
  return samePlaces ? 3 : 2;
}
