import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Tokenizer as Library } from "@huggingface/tokenizers";
import { EngineError } from "../errors.ts";
import { byteOffsets, type Spelling, showBytes, tokenBytes } from "./token-bytes.ts";
import type { Token, Tokenizer } from "./tokenizer.ts";

type Json = Record<string, unknown>;

/**
 * Opens tokenizer.json (and tokenizer_config.json, if there) of a model folder. The start token is the one the model's own fast
 * tokenizer puts first; end tokens are never added, since a prompt ends where the answer begins.
 */
export async function openTokenizer(folder: string): Promise<Tokenizer> {
  const file = path.join(folder, "tokenizer.json");
  const text = await readFile(file, "utf8").catch(() => {
    throw new EngineError(
      "BAD_TOKENIZER",
      `tokenizer: ${file} is missing (save it with AutoTokenizer.from_pretrained(model).save_pretrained(folder))`,
    );
  });
  const configText = await readFile(path.join(folder, "tokenizer_config.json"), "utf8").catch(() => "{}");
  const [json, config] = [parse(text, file), parse(configText, path.join(folder, "tokenizer_config.json"))];
  let library: Library;
  try {
    library = new Library(json, config);
  } catch (error) {
    throw new EngineError("BAD_TOKENIZER", `tokenizer: ${file} cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const bos = startToken(library, config);
  const hash = createHash("sha256").update(text).update(`bos ${bos}`).digest("hex");
  return new LibraryTokenizer(library, spellingOf(json), bos, hash);
}

function parse(text: string, file: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new EngineError("BAD_TOKENIZER", `tokenizer: ${file} is not JSON`);
  }
}

/** tokenizer_config.json's `add_bos_token` decides where it is set; else what the post-processor does. */
function startToken(library: Library, config: Json): number | null {
  const plain = library.encode("a", { add_special_tokens: false }).ids;
  const full = library.encode("a").ids;
  const leading = full.length > plain.length && full[0] !== plain[0] ? full[0]! : null;
  if (config.add_bos_token === undefined) return leading;
  if (config.add_bos_token !== true) return null;
  const name =
    typeof config.bos_token === "string" ? config.bos_token : (config.bos_token as Json | undefined)?.content;
  const id = typeof name === "string" ? library.token_to_id(name) : undefined;
  if (id !== undefined) return id;
  if (leading !== null) return leading;
  throw new EngineError(
    "BAD_TOKENIZER",
    `start token: add_bos_token is set, but bos_token = ${JSON.stringify(name)} is not in the vocabulary`,
  );
}

function spellingOf(json: Json): Spelling {
  const parts = JSON.stringify([json.pre_tokenizer, json.decoder, json.normalizer]);
  if (parts.includes('"ByteLevel"')) return "byte-level";
  return parts.includes("\u2581") || parts.includes('"Metaspace"') ? "metaspace" : "plain";
}

class LibraryTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly bos: { prepended: boolean; token: number | null };
  private readonly added: ReadonlyMap<number, string>;

  constructor(
    private readonly library: Library,
    private readonly spelling: Spelling,
    private readonly start: number | null,
    readonly hash: string,
  ) {
    this.vocabularySize = library.get_vocab(true).size;
    this.bos = { prepended: start !== null, token: start };
    this.added = new Map([...library.get_added_tokens_decoder()].map(([id, token]) => [id, token.content]));
  }

  encode(text: string): Token[] {
    const { ids } = this.library.encode(text, { add_special_tokens: false });
    const tokens = this.align(text, ids);
    return this.start === null ? tokens : [{ id: this.start, span: null }, ...tokens];
  }

  decode(ids: readonly number[]): string {
    return this.library.decode([...ids], { skip_special_tokens: false, clean_up_tokenization_spaces: false });
  }

  tokenText(id: number): string {
    const added = this.added.get(id);
    if (added !== undefined) return added;
    const token = this.library.id_to_token(id);
    if (token === undefined) return `<unused ${id}>`;
    return showBytes(tokenBytes(token, this.spelling));
  }

  /** Finds the characters each token covers by walking through the text's bytes; what does not fit is refused, not guessed. */
  private align(text: string, ids: readonly number[]): Token[] {
    const { bytes, start, end } = byteOffsets(text);
    let at = 0;
    const tokens = ids.map((id, i): Token => {
      const added = this.added.get(id);
      let own =
        added === undefined
          ? tokenBytes(this.library.id_to_token(id) ?? "", this.spelling)
          : new TextEncoder().encode(added);
      // A tokenizer may put a space before the first word that the text does not have.
      if (i === 0 && own[0] === SPACE && bytes[at] !== SPACE) own = own.subarray(1);
      if (this.spelling === "plain")
        while (at < bytes.length && !matches(bytes, at, own) && isSpace(bytes[at]!)) at++;
      if (!matches(bytes, at, own)) {
        throw new EngineError(
          "BAD_TOKENIZER",
          `tokens of ${JSON.stringify(text)}: token ${i} (${JSON.stringify(this.tokenText(id))}) does not spell the text at byte ${at} (the tokenizer rewrites its input or does not know these characters)`,
        );
      }
      const span: [number, number] =
        own.length > 0
          ? [start[at]!, end[at + own.length - 1]!]
          : [start[at] ?? text.length, start[at] ?? text.length];
      at += own.length;
      return { id, span };
    });
    if (this.spelling === "plain") while (at < bytes.length && isSpace(bytes[at]!)) at++;
    if (at !== bytes.length) {
      throw new EngineError(
        "BAD_TOKENIZER",
        `tokens of ${JSON.stringify(text)}: cover ${at} of ${bytes.length} bytes (the tokenizer drops characters)`,
      );
    }
    return tokens;
  }
}

const SPACE = 0x20;
const isSpace = (byte: number) => byte === SPACE || (byte >= 9 && byte <= 13);
const matches = (bytes: Uint8Array, at: number, own: Uint8Array) =>
  at + own.length <= bytes.length && own.every((byte, i) => bytes[at + i] === byte);
