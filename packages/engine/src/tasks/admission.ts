import type { Tokenizer } from "../tokenizers/tokenizer.ts";
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
  for (const text of texts) {
    if (containsWord(text.text, answer))
      return { reason: `the answer occurs in the prompt (${JSON.stringify(text.text)})` };
    const prompt = encodePrompt(text, answer, tokenizer);
    if ("reason" in prompt) return prompt;
    const length = prompt.tokens.length + prompt.answerTokens.length;
    if (length > positions)
      return { reason: `prompt and answer have ${length} tokens (the model has ${positions} positions)` };
    prompts.push(prompt);
  }
  const answerTokens = prompts[0]!.answerTokens;
  const answerToken = answerTokens[0];
  if (answerToken === undefined) return { reason: "the answer has no tokens of its own" };
  if (prompts.some((p) => p.answerTokens.join() !== answerTokens.join())) {
    return { reason: "the answer's tokens differ between prompts" };
  }
  if (!/[\p{L}\p{N}]/u.test(tokenizer.tokenText(answerToken))) {
    return {
      reason: `the answer's first token is ${JSON.stringify(tokenizer.tokenText(answerToken))}, which says nothing of it`,
    };
  }
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

function containsWord(text: string, word: string): boolean {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, "u").test(text);
}
