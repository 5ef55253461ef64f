import { EngineError } from "../errors.ts";
import type { SweepPair } from "../sweeps/sweep.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";

/** A prompt as token ids, or as a text that the model's tokenizer reads, start token included. */
export type PromptInput = readonly number[] | string;
/** A token by its id, or a text that is one token: mind the blank in " Paris". */
export type TokenInput = number | string;

/** Pairs as lists: entry i of each belongs to pair i. */
export interface SweepInput {
  clean: readonly PromptInput[];
  /** May be left out where no values are taken from it. */
  corrupted?: readonly PromptInput[];
  answer: readonly TokenInput[];
  wrong: readonly TokenInput[];
}

/** @throws EngineError BAD_PAIR for lists of unequal length, BAD_INPUT for a text that is not one token */
export function pairsOf({ clean, corrupted, answer, wrong }: SweepInput, tokenizer: Tokenizer): SweepPair[] {
  for (const [name, list] of Object.entries({ ...(corrupted && { corrupted }), answer, wrong })) {
    if (list.length !== clean.length)
      throw new EngineError(
        "BAD_PAIR",
        `pairs: ${list.length} entries in ${name} (clean has ${clean.length})`,
      );
  }
  return clean.map((prompt, b) => ({
    clean: promptTokens(prompt, tokenizer),
    ...(corrupted && { corrupted: promptTokens(corrupted[b]!, tokenizer) }),
    answer: oneToken(answer[b]!, `answer of pair ${b}`, tokenizer),
    wrong: oneToken(wrong[b]!, `wrong of pair ${b}`, tokenizer),
  }));
}

export const promptTokens = (prompt: PromptInput, tokenizer: Tokenizer): readonly number[] =>
  typeof prompt === "string" ? tokenizer.encode(prompt).map(({ id }) => id) : prompt;

/** @param where named in the error */
export function oneToken(token: TokenInput, where: string, tokenizer: Tokenizer): number {
  if (typeof token === "number") return token;
  const ids = tokenizer.encode(token).map(({ id }) => id);
  if (tokenizer.bos.prepended) ids.shift();
  if (ids.length === 1) return ids[0]!;
  const pieces = ids.map((id) => JSON.stringify(tokenizer.tokenText(id))).join(", ");
  throw new EngineError(
    "BAD_INPUT",
    `${where}: ${JSON.stringify(token)} is ${ids.length} tokens${pieces && ` (${pieces})`}; one expected: give its first, or an id`,
  );
}
