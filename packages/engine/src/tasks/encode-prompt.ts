import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import type { PromptText } from "./prompts.ts";

/** Token positions `[first, one past last)` of what a prompt speaks of besides its subject. */
export interface PromptRoles {
  /** The word that names the relation, its last occurrence in the query; null where the query does not contain it. */
  relation: [number, number] | null;
  /** Of each demonstration. */
  shots: { subject: [number, number]; answer: [number, number] }[];
}

/** A prompt in tokens. */
export interface EncodedPrompt extends Omit<PromptText, "shots"> {
  tokens: number[];
  /** Token positions of the query's subject, `[first, one past last)`. */
  subjectSpan: [number, number];
  roles: PromptRoles;
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
  const covering = ([from, to]: readonly [number, number]): [number, number] | null => {
    const inside = encoded.flatMap(({ span }, position) =>
      span && overlaps(prompt.text, span, from, to) ? [position] : [],
    );
    return inside.length ? [inside[0]!, inside.at(-1)! + 1] : null;
  };
  const missing = (what: string) => ({
    reason: `no token covers ${what} in ${JSON.stringify(prompt.text)}`,
  });
  const { shots: demonstrations, ...own } = prompt;
  const subjectSpan = covering(prompt.subject);
  if (!subjectSpan) return missing("the subject");
  const shots: PromptRoles["shots"] = [];
  for (const shot of demonstrations) {
    const [subject, answered] = [covering(shot.subject), covering(shot.answer)];
    if (!subject || !answered) return missing("a demonstration");
    shots.push({ subject, answer: answered });
  }
  const roles = { relation: prompt.relation && covering(prompt.relation), shots };
  return { ...own, tokens, subjectSpan, roles, answerTokens: full.slice(tokens.length) };
}

/** Whether a token has a character of `[from, to)` besides the spaces it carries in front. */
function overlaps(text: string, [start, end]: readonly [number, number], from: number, to: number): boolean {
  let first = start;
  while (first < end && /\s/.test(text[first]!)) first++;
  return first < to && end > from && first < end;
}
