import { createHash } from "node:crypto";
import { isGguf } from "../checkpoints/gguf/is-gguf.ts";
import { EngineError } from "../errors.ts";
import { checkKinds } from "./check-kinds.ts";
import { readGgufTokenizer } from "./gguf-tokenizer.ts";
import { LibraryTokenizer, openLibrary } from "./library-tokenizer.ts";
import { startToken } from "./start-token.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { readTokenizerFiles, type TokenizerFiles } from "./tokenizer-files.ts";

/**
 * Opens the tokenizer of a model folder: tokenizer.json, or vocab.json and merges.txt, and tokenizer_config.json if there; or of a GGUF file. The start
 * token is the one the model's own fast tokenizer puts first; end tokens are never added, since a prompt ends where the answer begins.
 * @throws EngineError BAD_TOKENIZER for files that are missing, broken, or of a kind that is not supported
 */
export const openTokenizer = async (source: string): Promise<Tokenizer> =>
  buildTokenizer(await (isGguf(source) ? readGgufTokenizer(source) : readTokenizerFiles(source)));

/** A tokenizer from the contents of its files, wherever they come from. @throws EngineError BAD_TOKENIZER */
export function buildTokenizer({ json, config, text, file }: TokenizerFiles): Tokenizer {
  checkKinds(json, file);
  const library = useLibrary(() => openLibrary(json), file);
  const name = startToken(json, config);
  const start = name === null ? null : library.token_to_id(name);
  if (start === undefined) {
    throw new EngineError(
      "BAD_TOKENIZER",
      `start token: ${JSON.stringify(name)} is not in the vocabulary of ${file}`,
    );
  }
  const hash = createHash("sha256").update(text).update(`bos ${start}`).digest("hex");
  return useLibrary(() => new LibraryTokenizer(json, library, start, hash), file);
}

function useLibrary<T>(open: () => T, file: string): T {
  try {
    return open();
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new EngineError("BAD_TOKENIZER", `tokenizer: ${file} cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
