import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import { containsWord } from "./contains-word.ts";
import { type EncodedPrompt, encodePrompt } from "./encode-prompt.ts";
import type { PromptText } from "./prompts.ts";

export interface DroppedFact {
  subject: string;
  answer: string;
  reason: string;
}

/** A fact whose prompts can be asked of this model. */
export interface AdmittedFact {
  /** Place in the task. */
  taskIndex: number;
  subject: string;
  answer: string;
  answerToken: number;
  answerTokens: number[];
  prompts: EncodedPrompt[];
}

/** Checks that need only the fact itself. @returns the admitted fact or why it is dropped */
export function admitFact(
  taskIndex: number,
  fact: { subject: string; answer: string },
  texts: readonly PromptText[],
  tokenizer: Tokenizer,
  positions: number,
): AdmittedFact | { reason: string } {
  const { subject, answer } = fact;
  const prompts: EncodedPrompt[] = [];
  if (subject.includes(answer)) return { reason: "the answer occurs in the subject" };
  for (const text of texts) {
    if (containsWord(text.text, answer))
      return { reason: `the answer occurs in the prompt (${JSON.stringify(text.text)})` };
    const prompt = encodePrompt(text, answer, tokenizer);
    if ("reason" in prompt) return prompt;
    // The answer's last token is only predicted, never read.
    const length = prompt.tokens.length + Math.max(0, prompt.answerTokens.length - 1);
    if (length > positions) {
      return {
        reason: `prompt and answer need ${length} positions (the model has ${positions}): ${JSON.stringify(text.text)}`,
      };
    }
    prompts.push(prompt);
  }
  const answerTokens = prompts[0]!.answerTokens;
  const answerToken = answerTokens[0];
  if (answerToken === undefined) return { reason: "the answer has no tokens of its own" };
  if (prompts.some((p) => p.answerTokens.join() !== answerTokens.join())) {
    return { reason: "the answer's tokens differ between prompts" };
  }
  const first = tokenizer.tokenText(answerToken);
  if (!/[\p{L}\p{N}]/u.test(first) || /^(<0x[0-9A-F]{2}>)+$/.test(first))
    return { reason: `the answer's first token is ${JSON.stringify(first)}, which says nothing of it` };
  return { taskIndex, subject, answer, answerToken, answerTokens, prompts };
}

/** Facts whose first answer token stands for another answer too cannot be told apart at the last position: all of them go. */
export function dropSharedTokens(facts: readonly AdmittedFact[]): {
  kept: AdmittedFact[];
  dropped: DroppedFact[];
} {
  const answers = new Map<number, Set<string>>();
  for (const { answerToken, answer } of facts)
    answers.set(answerToken, (answers.get(answerToken) ?? new Set()).add(answer));
  const shared = (fact: AdmittedFact) => answers.get(fact.answerToken)!.size > 1;
  return {
    kept: facts.filter((fact) => !shared(fact)),
    dropped: facts.filter(shared).map(({ subject, answer, answerToken }) => ({
      subject,
      answer,
      reason: `the answer's first token is shared by ${[...answers.get(answerToken)!].join(", ")}`,
    })),
  };
}
