import { readGguf } from "../checkpoints/gguf/read-gguf.ts";
import { EngineError } from "../errors.ts";
import { type AddedToken, type Json, METASPACE } from "./check-kinds.ts";
import { mergesOfScores } from "./gguf-merges.ts";
import { PRE_TOKENIZERS } from "./gguf-pre-tokenizers.ts";
import type { TokenizerFiles } from "./tokenizer-files.ts";

/** Kinds of tokens, as sentencepiece numbers them. */
const [NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE] = [1, 2, 3, 4, 5, 6];
const KEYS = "tokenizer.ggml.";

interface Vocabulary {
  tokens: readonly string[];
  types: readonly number[];
}

/**
 * What tokenizer.json and tokenizer_config.json of a model would say, from the metadata of its GGUF file.
 * @throws EngineError BAD_TOKENIZER for metadata that are missing, broken, or of a kind that is not understood
 */
export async function readGgufTokenizer(source: string): Promise<TokenizerFiles> {
  const { file, metadata } = await readGguf(source);
  return ggufTokenizer(metadata, file);
}

export function ggufTokenizer(metadata: ReadonlyMap<string, unknown>, file: string): TokenizerFiles {
  const read = new TokenizerKeys(metadata, file);
  const vocabulary = read.vocabulary();
  const kind = read.text("model");
  const json =
    kind === "gpt2"
      ? byteLevel(read, vocabulary)
      : kind === "llama"
        ? sentencepiece(read, vocabulary)
        : read.refuse(`tokenizer.ggml.model = ${JSON.stringify(kind)} (supported: "gpt2", "llama")`);
  const byDefault = kind === "llama" || PRE_TOKENIZERS[read.text("pre") ?? ""]?.startByDefault === true;
  const start = read.flag("add_bos_token", byDefault);
  const config = {
    add_bos_token: start,
    ...(start && { bos_token: vocabulary.tokens[read.integer("bos_token_id")] }),
  };
  return { json, config, text: JSON.stringify(json), file };
}

function byteLevel(read: TokenizerKeys, vocabulary: Vocabulary): Json {
  const pre = read.text("pre");
  const known = PRE_TOKENIZERS[pre ?? ""];
  if (!known)
    return read.refuse(
      `tokenizer.ggml.pre = ${JSON.stringify(pre)} (supported: ${Object.keys(PRE_TOKENIZERS).join(", ")}; older files lack the key: convert the model again)`,
    );
  return {
    normalizer: known.composes ? { type: "NFC" } : null,
    pre_tokenizer: { type: "Sequence", pretokenizers: known.steps },
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    added_tokens: addedTokens(vocabulary),
    model: {
      type: "BPE",
      vocab: ids(vocabulary, read),
      merges: read.strings("merges"),
      fuse_unk: false,
      ignore_merges: known.wholeWords === true,
    },
  };
}

/** Sentencepiece's BPE: pieces are joined in the order of their scores, bytes stand for characters without a piece. */
function sentencepiece(read: TokenizerKeys, vocabulary: Vocabulary): Json {
  for (const key of ["remove_extra_whitespaces", "precompiled_charsmap"])
    if (read.has(key) && read.value(key) !== false)
      return read.refuse(`tokenizer.ggml.${key}, which rewrites texts (supported: none)`);
  const prefixed = read.flag("add_space_prefix", true);
  const scores = read.numbers("scores");
  if (scores.length !== vocabulary.tokens.length)
    return read.refuse(
      `${scores.length} tokenizer.ggml.scores (expected one for each of ${vocabulary.tokens.length} tokens)`,
    );
  const spaces = { type: "Replace", pattern: { String: " " }, content: METASPACE };
  const strip = { type: "Strip", content: " ", start: 1, stop: 0 };
  const pieces = vocabulary.tokens.flatMap((token, id) =>
    vocabulary.types[id] === NORMAL ? [{ token, score: scores[id]! }] : [],
  );
  const unknown = vocabulary.types.indexOf(UNKNOWN!);
  return {
    normalizer: {
      type: "Sequence",
      normalizers: [...(prefixed ? [{ type: "Prepend", prepend: METASPACE }] : []), spaces],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: METASPACE }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        ...(prefixed ? [strip] : []),
      ],
    },
    added_tokens: addedTokens(vocabulary),
    model: {
      type: "BPE",
      vocab: ids(vocabulary, read),
      merges: mergesOfScores(pieces),
      unk_token: unknown < 0 ? null : vocabulary.tokens[unknown],
      fuse_unk: true,
      byte_fallback: vocabulary.types.includes(BYTE!),
    },
  };
}

/** Tokens that are looked for in the text as they stand. */
const addedTokens = ({ tokens, types }: Vocabulary): AddedToken[] =>
  tokens.flatMap((content, id) =>
    types[id] === CONTROL || types[id] === USER_DEFINED || types[id] === UNKNOWN
      ? [{ id, content, special: types[id] !== USER_DEFINED, normalized: false }]
      : [],
  );

/** Rows of the embedding that stand for nothing have names, too, which no text may meet. */
function ids({ tokens, types }: Vocabulary, read: TokenizerKeys): Record<string, number> {
  const vocab: Record<string, number> = Object.create(null);
  for (const [id, token] of tokens.entries()) {
    if (types[id] === UNUSED) continue;
    if (token in vocab) return read.refuse(`the token ${JSON.stringify(token)} twice`);
    vocab[token] = id;
  }
  return vocab;
}

/** Reads the keys `tokenizer.ggml.*` with their types checked. */
class TokenizerKeys {
  constructor(
    private readonly metadata: ReadonlyMap<string, unknown>,
    private readonly file: string,
  ) {}

  has = (key: string): boolean => this.metadata.has(KEYS + key);
  value = (key: string): unknown => this.metadata.get(KEYS + key);

  vocabulary(): Vocabulary {
    const tokens = this.strings("tokens");
    const types = this.has("token_type") ? this.numbers("token_type") : tokens.map(() => NORMAL!);
    if (types.length === tokens.length) return { tokens, types };
    return this.refuse(`${types.length} tokenizer.ggml.token_type for ${tokens.length} tokens`);
  }

  text(key: string): string | null {
    const value = this.value(key) ?? null;
    return value === null || typeof value === "string" ? value : this.bad(key, "a text");
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.value(key) ?? fallback;
    return typeof value === "boolean" ? value : this.bad(key, "true or false");
  }

  integer(key: string): number {
    const value = this.value(key);
    return typeof value === "number" && Number.isInteger(value) ? value : this.bad(key, "an integer");
  }

  strings(key: string): readonly string[] {
    const value = this.value(key);
    return Array.isArray(value) && value.every((item) => typeof item === "string")
      ? value
      : this.bad(key, "a list of texts");
  }

  numbers(key: string): readonly number[] {
    const value = this.value(key);
    return Array.isArray(value) && value.every((item) => typeof item === "number")
      ? value
      : this.bad(key, "a list of numbers");
  }

  bad(key: string, expected: string): never {
    const given = JSON.stringify(this.value(key) ?? "missing", (_, inner) =>
      typeof inner === "bigint" ? Number(inner) : inner,
    );
    return this.refuse(`tokenizer.ggml.${key} = ${given.slice(0, 100)} (expected ${expected})`);
  }

  refuse(what: string): never {
    throw new EngineError("BAD_TOKENIZER", `tokenizer: ${this.file} has ${what}`);
  }
}
