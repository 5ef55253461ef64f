import { seededRandom, shuffled } from "../../math/random.ts";
import type { Tokenizer } from "../../tokenizers/tokenizer.ts";
import { containsWord } from "../contains-word.ts";
import { LEAD_INS } from "../lead-ins.ts";
import type { PreparedPrompt } from "../prepare.ts";
import type { Drawn } from "./counterfactual.ts";
import { NEUTRAL_CLAUSES } from "./neutral-clauses.ts";

/**
 * The prompt's lead-in with an unrelated clause, without demonstrations: no subject, no relation, no answer. A clause of the prompt's
 * token count comes first, then a seeded choice.
 */
export function genericCounterfactual(
  prompt: PreparedPrompt,
  answer: string,
  tokenizer: Tokenizer,
  seed: number,
): Drawn {
  const leadIn = LEAD_INS.find(({ id }) => id === leadInOf(prompt.frame));
  if (!leadIn) return { reason: `the lead-in of frame ${prompt.frame} is not known` };
  const options = shuffled(NEUTRAL_CLAUSES, seededRandom(`generic ${seed} ${prompt.text}`)).flatMap(
    ({ id, text: clause }) => {
      const text = leadIn.text
        ? `${leadIn.text} ${clause}`
        : clause.charAt(0).toUpperCase() + clause.slice(1);
      if (containsWord(text, answer)) return [];
      return [{ id, tokens: tokenizer.encode(text).map((token) => token.id) }];
    },
  );
  const chosen = options.find(({ tokens }) => tokens.length === prompt.tokens.length) ?? options[0];
  if (!chosen) return { reason: "every neutral clause names the answer" };
  return {
    counterfactual: {
      source: chosen.id,
      tokens: chosen.tokens,
      positions: { last: chosen.tokens.length - 1, subjLast: null, relLast: null },
      wrongToken: null,
      aligned: false,
    },
  };
}

/** `clause/leadIn` -> `leadIn`. */
export const leadInOf = (frame: string): string => frame.slice(frame.lastIndexOf("/") + 1);
