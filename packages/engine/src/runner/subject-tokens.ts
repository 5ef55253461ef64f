import { EngineError } from "../errors.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";

/** First token of each subject as it stands inside a sentence (after a space): the topic token whose logit is followed. */
export function subjectTokens(facts: readonly { subject: string }[], tokenizer: Tokenizer): number[] {
  return facts.map(({ subject }) => {
    const prefix = "of ";
    const inside = tokenizer
      .encode(prefix + subject)
      .find(({ span }) => span !== null && span[1] > prefix.length);
    if (!inside) throw new EngineError("BAD_TOKENIZER", `subject ${subject}: no token of its own`);
    return inside.id;
  });
}
