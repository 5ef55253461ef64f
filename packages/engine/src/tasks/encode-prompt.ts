import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import type { PromptText } from "./prompts.ts";

/** A prompt in tokens. */
export interface EncodedPrompt extends PromptText {
  tokens: number[];
  /** Token positions of the query's subject, `[first, one past last)`. */
  subjectSpan: [number, number];
  /** Tokens of " " + answer after this prompt. */
  answerTokens: number[];
}

/** @returns the prompt in tokens, or why its tokens cannot be used */
export function encodePrompt(
  prompt: PromptText,
  answer: string,
  tokenizer: Tokenizer,
): EncodedPrompt | { reason: string } {
  const encoded = tokenizer.encode(prompt.text);
  const tokens = encoded.map(({ id }) => id);
  const full = tokenizer.encode(`${prompt.text} ${answer}`).map(({ id }) => id);
  if (tokens.some((id, i) => full[i] !== id)) {
    return {
      reason: `the tokenizer merges the prompt's end with the answer (${JSON.stringify(prompt.text)})`,
    };
  }
  const [from, to] = prompt.subject;
  const inside = encoded.flatMap(({ span }, position) =>
    span && overlaps(prompt.text, span, from, to) ? [position] : [],
  );
  const [first, last] = [inside[0], inside.at(-1)];
  if (first === undefined || last === undefined)
    return { reason: `no token covers the subject in ${JSON.stringify(prompt.text)}` };
  return { ...prompt, tokens, subjectSpan: [first, last + 1], answerTokens: full.slice(tokens.length) };
}

/** Whether a token has a character of `[from, to)` besides the spaces it carries in front. */
function overlaps(text: string, [start, end]: readonly [number, number], from: number, to: number): boolean {
  let first = start;
  while (first < end && /\s/.test(text[first]!)) first++;
  return first < to && end > from && first < end;
}
