import { EngineError } from "../errors.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";

/** Names that end-of-text tokens go by; they stand between the documents of a training text, so a text starts after one. */
const END_OF_TEXT = ["<|endoftext|>", "</s>", "<|end_of_text|>", "<eos>"] as const;

/** Token that free text starts after: the model's own start token, else its end-of-text token. */
export function startOfText(tokenizer: Tokenizer): { token: number } | { reason: string } {
  const { token } = tokenizer.bos;
  if (token !== null) return { token };
  for (const name of END_OF_TEXT) {
    const id = addedToken(name, tokenizer);
    if (id !== null) return { token: id };
  }
  return { reason: `the tokenizer has no start token and no end-of-text token (${END_OF_TEXT.join(", ")})` };
}

/** Only an added token is one piece that reads as its own name: in any other vocabulary the name falls apart. */
function addedToken(name: string, tokenizer: Tokenizer): number | null {
  try {
    const [first, ...rest] = tokenizer.encode(name);
    return first && rest.length === 0 && tokenizer.tokenText(first.id) === name ? first.id : null;
  } catch (error) {
    if (error instanceof EngineError && error.code === "BAD_TOKENIZER") return null;
    throw error;
  }
}
