import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { addedTokens, type Json } from "../../src/tokenizers/check-kinds.ts";
import { ggufTokenizer } from "../../src/tokenizers/gguf-tokenizer.ts";
import { buildTokenizer } from "../../src/tokenizers/open-tokenizer.ts";
import { type Answer, difference, readZipped } from "./compare.ts";

const PARITY = path.join(import.meta.dirname, "..", "fixtures", "tokenizers", "parity");
const texts = readZipped(path.join(PARITY, "texts.json.gz")) as string[];
const [NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE] = [1, 2, 3, 4, 5, 6];

type Metadata = Record<string, unknown>;
const open = (metadata: Metadata) =>
  buildTokenizer(
    ggufTokenizer(
      new Map(Object.entries(metadata).map(([key, value]) => [`tokenizer.ggml.${key}`, value])),
      "it.gguf",
    ),
  );

/** What llama.cpp's converter writes of a tokenizer.json. */
function metadataOf(kind: string, more: Metadata): Metadata {
  const json = JSON.parse(readFileSync(path.join(PARITY, kind, "tokenizer.json"), "utf8")) as Json;
  const { vocab, merges } = json.model as { vocab: Record<string, number>; merges: [string, string][] };
  const added = new Map(addedTokens(json).map((token) => [token.id, token]));
  const names = new Map(Object.entries(vocab).map(([token, id]) => [id, token]));
  for (const [id, { content }] of added) names.set(id, content);
  const size = Math.max(...names.keys()) + 1;
  const tokens = Array.from({ length: size }, (_, id) => names.get(id) ?? `[PAD${id}]`);
  const sentencepiece = more.model === "llama";
  const rank = new Map(merges.map((merge, i) => [merge.join(""), i]));
  return {
    tokens,
    token_type: tokens.map((token, id) => {
      const special = added.get(id);
      if (special) return token === "<unk>" ? UNKNOWN : special.special ? CONTROL : USER_DEFINED;
      if (!names.has(id)) return UNUSED;
      return sentencepiece && /^<0x[0-9A-F]{2}>$/.test(token) ? BYTE : NORMAL;
    }),
    ...(sentencepiece
      ? { scores: tokens.map((token) => -(rank.get(token) ?? merges.length)) }
      : { merges: merges.map((merge) => merge.join(" ")) }),
    ...more,
  };
}

const byteLevel = (pre: string, more: Metadata = {}) => ({ model: "gpt2", pre, ...more });

describe.each<[kind: string, more: Metadata]>([
  ["gpt2", byteLevel("gpt-2")],
  ["smollm2", byteLevel("smollm", { add_bos_token: false })],
  ["llama3", byteLevel("llama-bpe", { bos_token_id: 0 })],
  ["qwen2", byteLevel("qwen2", { add_bos_token: false })],
  ["gpt-neox", byteLevel("olmo")],
  ["llama2", { model: "llama", bos_token_id: 1, add_bos_token: true }],
  ["gemma", { model: "llama", bos_token_id: 2, add_space_prefix: false }],
])("the %s tokenizer in a GGUF file", (kind, more) => {
  it("gives the reference library's ids, spans and texts", () => {
    const tokenizer = open(metadataOf(kind, more));
    const answers = readZipped(path.join(PARITY, kind, "expected.json.gz")) as Answer[];
    expect(texts.flatMap((text, i) => difference(tokenizer, text, answers[i]!) ?? [])).toEqual([]);
  });
});

describe("ggufTokenizer", () => {
  const metadata = metadataOf("gpt2", byteLevel("gpt-2"));

  it("puts the start token first where the file, or the kind, says so", () => {
    expect(open(metadata).bos).toEqual({ prepended: false, token: null });
    expect(open({ ...metadata, add_bos_token: true, bos_token_id: 0 }).bos).toEqual({
      prepended: true,
      token: 0,
    });
    const llama = metadataOf("llama2", { model: "llama", bos_token_id: 1 });
    expect(open(llama).bos).toEqual({ prepended: true, token: 1 });
    expect(open({ ...llama, add_bos_token: false }).bos.prepended).toBe(false);
  });

  it("has other hashes for other tokens, merges and start tokens", () => {
    const merges = metadata.merges as string[];
    const hashes = [
      metadata,
      { ...metadata, merges: merges.slice(1) },
      { ...metadata, pre: "smollm" },
      { ...metadata, add_bos_token: true, bos_token_id: 0 },
    ].map((one) => open(one).hash);
    expect(new Set(hashes).size).toBe(4);
    expect(open({ ...metadata, chat_template: "x" }).hash).toBe(hashes[0]);
  });

  it.each<[what: string, more: Metadata, message: RegExp]>([
    ["another model", { model: "bert" }, /tokenizer.ggml.model = "bert" \(supported: "gpt2", "llama"\)/],
    ["no model", { model: undefined }, /tokenizer.ggml.model = null/],
    ["an unknown way to cut", { pre: "tekken" }, /tokenizer.ggml.pre = "tekken" \(supported: gpt-2, olmo/],
    ["no way to cut", { pre: undefined }, /tokenizer.ggml.pre = null .* convert the model again/],
    ["a way to cut of the language", { pre: "constructor" }, /tokenizer.ggml.pre = "constructor"/],
    ["no tokens", { tokens: undefined }, /tokenizer.ggml.tokens = "missing" \(expected a list of texts\)/],
    ["tokens that are numbers", { tokens: [1] }, /tokenizer.ggml.tokens = \[1\]/],
    ["too few kinds", { token_type: [1] }, /1 tokenizer.ggml.token_type for \d+ tokens/],
    ["no merges", { merges: undefined }, /tokenizer.ggml.merges = "missing"/],
    [
      "a start token without a number",
      { add_bos_token: true },
      /bos_token_id = "missing" \(expected an integer\)/,
    ],
    ["a start token that is none", { add_bos_token: true, bos_token_id: 1e6 }, /bos_token/],
    ["no scores", { model: "llama" }, /tokenizer.ggml.scores = "missing"/],
    ["too few scores", { model: "llama", scores: [1] }, /1 tokenizer.ggml.scores \(expected one for each/],
    ["a token twice", { tokens: (metadata.tokens as string[]).map(() => "a") }, /the token "a" twice/],
    [
      "rewritten texts",
      { model: "llama", scores: [], precompiled_charsmap: [1] },
      /precompiled_charsmap, which rewrites/,
    ],
  ])("refuses %s", (_, more, message) => {
    const given = Object.fromEntries(
      Object.entries({ ...metadata, ...more }).filter(([, value]) => value !== undefined),
    );
    expect(() => open(given)).toThrow(message);
    expect(() => open(given)).toThrow(expect.objectContaining({ code: "BAD_TOKENIZER" }));
  });
});
