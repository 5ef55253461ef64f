import { readFile } from "node:fs/promises";
import path from "node:path";
import { EngineError } from "../errors.ts";
import type { AddedToken, Json } from "./check-kinds.ts";

export interface TokenizerFiles {
  /** tokenizer.json, read or put together. */
  json: Json;
  /** tokenizer_config.json; empty where there is none. */
  config: Json;
  /** What was read, for the hash. */
  text: string;
  /** For messages. */
  file: string;
}

const CONFIG = "tokenizer_config.json";

/** Reads tokenizer.json of a model folder or, where there is none, the vocab.json and merges.txt that GPT-2 and OPT came with. */
export async function readTokenizerFiles(folder: string): Promise<TokenizerFiles> {
  const file = path.join(folder, "tokenizer.json");
  const config = await readIfThere(path.join(folder, CONFIG));
  const parsed = config === null ? {} : parse(config, path.join(folder, CONFIG));
  const text = await readIfThere(file);
  if (text !== null) return { json: parse(text, file), config: parsed, text, file };
  const vocab = await readIfThere(path.join(folder, "vocab.json"));
  const merges = await readIfThere(path.join(folder, "merges.txt"));
  if (vocab === null || merges === null)
    throw new EngineError(
      "BAD_TOKENIZER",
      `tokenizer: ${file} is missing (save it with AutoTokenizer.from_pretrained(model).save_pretrained(folder))`,
    );
  const vocabFile = path.join(folder, "vocab.json");
  const json = byteLevelTokenizer(parse(vocab, vocabFile), merges, parsed, vocabFile);
  return { json, config: parsed, text: vocab + merges + (config ?? ""), file: vocabFile };
}

/** Only GPT-2's own class is put together: others with the same two files split words otherwise (Qwen 2, RoBERTa's special tokens). */
function byteLevelTokenizer(vocab: Json, merges: string, config: Json, file: string): Json {
  const kind = config.tokenizer_class ?? "GPT2Tokenizer";
  if (kind !== "GPT2Tokenizer" && kind !== "GPT2TokenizerFast")
    throw new EngineError(
      "BAD_TOKENIZER",
      `tokenizer: ${file} without a tokenizer.json belongs to a ${JSON.stringify(kind)} (supported without one: GPT2Tokenizer; save it with AutoTokenizer.from_pretrained(model).save_pretrained(folder))`,
    );
  const prefix = { type: "ByteLevel", add_prefix_space: config.add_prefix_space === true };
  const lines = merges
    .split(/\r?\n/)
    .filter((line, i) => line !== "" && !(i === 0 && line.startsWith("#version")));
  return {
    normalizer: null,
    pre_tokenizer: { ...prefix, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    added_tokens: specialTokens(vocab, config, file),
    model: { type: "BPE", vocab, merges: lines, fuse_unk: false },
  };
}

/** The special tokens tokenizer_config.json names; GPT-2's own where it names none. */
function specialTokens(vocab: Json, config: Json, file: string): AddedToken[] {
  const contents = ["bos_token", "eos_token", "unk_token", "pad_token"].flatMap((name) => {
    const token = name in config || name === "pad_token" ? config[name] : "<|endoftext|>";
    const content = typeof token === "object" && token !== null ? (token as Json).content : token;
    return typeof content === "string" ? [content] : [];
  });
  return [...new Set(contents)].map((content) => {
    const id = vocab[content];
    if (typeof id !== "number")
      throw new EngineError(
        "BAD_TOKENIZER",
        `tokenizer: ${file} has no token ${JSON.stringify(content)}, which ${CONFIG} names a special token (are both of one model?)`,
      );
    return { id, content, special: true, normalized: false };
  });
}

const readIfThere = (file: string): Promise<string | null> =>
  readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw new EngineError("BAD_TOKENIZER", `tokenizer: ${file} cannot be read (${error.code})`);
  });

function parse(text: string, file: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    if (value && typeof value === "object" && !Array.isArray(value)) return value as Json;
  } catch {}
  throw new EngineError("BAD_TOKENIZER", `tokenizer: ${file} is not a JSON object`);
}
