import type { LiveAttention } from "@recallscope/engine";
import { checkPlace, type LivePrompt, promptInput } from "./live-prompt.ts";

export interface PromptAttention extends LiveAttention {
  /** Sums over the subject's tokens, seen from the last position; null for a text of one's own. */
  toSubject: { attention: number; valueWeighted: number } | null;
}

/** Where a head looks in the prompt. */
export async function attentionOfPrompt(
  prompt: LivePrompt,
  place: { layer: number; head: number },
): Promise<PromptAttention> {
  checkPlace(prompt, "head", place);
  const found = await prompt.ask("attention", { prompt: promptInput(prompt), ...place });
  const length = found.tokens.length;
  const [from, to] = prompt.record?.subjectSpan ?? [0, 0];
  const last = (length - 1) * length;
  const sum = (values: Float32Array) =>
    values.subarray(last + from, last + to).reduce((total, value) => total + value, 0);
  return {
    ...found,
    toSubject: prompt.record && {
      attention: sum(found.pattern),
      valueWeighted: sum(found.valueWeighted),
    },
  };
}
