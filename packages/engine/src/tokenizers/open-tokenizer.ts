import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Tokenizer as Library } from "@huggingface/tokenizers";
import { EngineError } from "../errors.ts";
import { alignTokens, type SpelledToken } from "./align.ts";
import { startToken } from "./start-token.ts";
import { type Spelling, showBytes, tokenBytes } from "./token-bytes.ts";
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
  const library = openLibrary(json, config, file);
  const name = startToken(json, config);
  const start = name === null ? null : library.token_to_id(name);
  if (start === undefined) {
    throw new EngineError(
      "BAD_TOKENIZER",
      `start token: ${JSON.stringify(name)} is not in the vocabulary of ${file}`,
    );
  }
  const hash = createHash("sha256").update(text).update(`bos ${start}`).digest("hex");
  return new LibraryTokenizer(library, spellingOf(json), start, hash, mergesOf(json));
}

function openLibrary(json: Json, config: Json, file: string): Library {
  try {
    return new Library(json, config);
  } catch (error) {
    throw new EngineError("BAD_TOKENIZER", `tokenizer: ${file} cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function parse(text: string, file: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    if (value && typeof value === "object" && !Array.isArray(value)) return value as Json;
  } catch {}
  throw new EngineError("BAD_TOKENIZER", `tokenizer: ${file} is not a JSON object`);
}

function spellingOf(json: Json): Spelling {
  const parts = JSON.stringify([json.pre_tokenizer, json.decoder, json.normalizer]);
  if (parts.includes('"ByteLevel"')) return "byte-level";
  return parts.includes("\u2581") || parts.includes('"Metaspace"') ? "metaspace" : "plain";
}

/** Byte-pair merges in the order they were learnt: `"a b"` or `["a", "b"]` in tokenizer.json. */
function mergesOf({ model }: Json): readonly (string | readonly string[])[] | null {
  const merges = model && typeof model === "object" ? (model as Json).merges : undefined;
  return Array.isArray(merges) && merges.length > 0 ? merges : null;
}

class LibraryTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly bos: { prepended: boolean; token: number | null };
  private readonly added: ReadonlyMap<number, string>;
  private readonly spelled = new Map<number, SpelledToken>();

  constructor(
    private readonly library: Library,
    private readonly spelling: Spelling,
    private readonly start: number | null,
    readonly hash: string,
    private readonly merges: ReturnType<typeof mergesOf>,
  ) {
    this.vocabularySize =
      1 + [...library.get_vocab(true).values()].reduce((most, id) => Math.max(most, id), -1);
    this.bos = { prepended: start !== null, token: start };
    this.added = new Map([...library.get_added_tokens_decoder()].map(([id, token]) => [id, token.content]));
  }

  encode(text: string): Token[] {
    // Words outside a vocabulary without an unknown token come back as undefined.
    const ids: (number | undefined)[] = this.library.encode(text, { add_special_tokens: false }).ids;
    const known = ids.filter((id) => id !== undefined);
    if (known.length < ids.length)
      throw new EngineError("BAD_TOKENIZER", `tokens of ${JSON.stringify(text)}: not in the vocabulary`);
    const spans = alignTokens(
      text,
      known.map((id) => this.spell(id)),
      this.spelling !== "plain",
    );
    const tokens = known.map((id, i): Token => ({ id, span: spans[i]! }));
    return this.start === null ? tokens : [{ id: this.start, span: null }, ...tokens];
  }

  decode(ids: readonly number[]): string {
    if (ids.length === 0) return "";
    return this.library.decode([...ids], { skip_special_tokens: false, clean_up_tokenization_spaces: false });
  }

  tokenText(id: number): string {
    return this.spell(id).shown;
  }

  mergeRanks(): ReadonlyMap<number, number> | null {
    if (!this.merges) return null;
    const ranks = new Map<number, number>();
    for (const [rank, merge] of this.merges.entries()) {
      const id = this.library.token_to_id((typeof merge === "string" ? merge.split(" ") : merge).join(""));
      if (id !== undefined && !ranks.has(id)) ranks.set(id, rank);
    }
    return ranks;
  }

  private spell(id: number): SpelledToken {
    let spelled = this.spelled.get(id);
    if (!spelled) {
      spelled = this.spellNew(id);
      this.spelled.set(id, spelled);
    }
    return spelled;
  }

  private spellNew(id: number): SpelledToken {
    const added = this.added.get(id);
    if (added !== undefined) return { shown: added, bytes: new TextEncoder().encode(added), added: true };
    const token = this.library.id_to_token(id);
    if (token === undefined) return { shown: `<unused ${id}>`, bytes: new Uint8Array(), added: false };
    const bytes = tokenBytes(token, this.spelling);
    return { shown: showBytes(bytes), bytes, added: false };
  }
}
