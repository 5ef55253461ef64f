import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { openTokenizer } from "../../src/tokenizers/open-tokenizer.ts";
import { temporaryFolder, write } from "../checkpoints/files.ts";
import { type Answer, difference, readZipped } from "./compare.ts";

const PARITY = path.join(import.meta.dirname, "..", "fixtures", "tokenizers", "parity");
const readKind = (kind: string) =>
  JSON.parse(readFileSync(path.join(PARITY, kind, "tokenizer.json"), "utf8"));

async function openFiles(files: Record<string, unknown>) {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) write(folder, name, content as object);
  return openTokenizer(folder);
}

describe("a tokenizer of a kind that would be read wrong is refused by name:", () => {
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  it.each([
    ["Unigram", { model: { type: "Unigram", vocab: [["a", 0]], unk_id: 0 } }, 'model "Unigram"'],
    ["WordPiece", { model: { type: "WordPiece", vocab: { a: 0 } } }, 'model "WordPiece"'],
    ["no model", { model: null }, "no model"],
    ["lower case", { normalizer: { type: "Lowercase" } }, 'normalizer "Lowercase"'],
    [
      "a normalizer inside a sequence",
      { normalizer: { type: "Sequence", normalizers: [{ type: "NFC" }, { type: "StripAccents" }] } },
      'normalizer "StripAccents"',
    ],
    [
      "other replacements",
      { normalizer: { type: "Replace", pattern: { Regex: "\\\\d" }, content: "0" } },
      'a normalizer that replaces {"Regex":"\\\\\\\\d"}',
    ],
    ["other prefixes", { normalizer: { type: "Prepend", prepend: "_" } }, 'a normalizer that prepends "_"'],
    ["punctuation", { pre_tokenizer: { type: "Punctuation" } }, 'pre_tokenizer "Punctuation"'],
    [
      "a space before every piece",
      {
        pre_tokenizer: {
          type: "Sequence",
          pretokenizers: [{ type: "Digits" }, { ...byteLevel, add_prefix_space: true }],
        },
      },
      "a space put in front of every piece",
    ],
    [
      "inverted splits that merge",
      {
        pre_tokenizer: {
          type: "Split",
          pattern: { String: "a" },
          behavior: "MergedWithNext",
          invert: true,
        },
      },
      'an inverted split that is "MergedWithNext"',
    ],
    ["another metaspace", { pre_tokenizer: { type: "Metaspace", replacement: "_" } }, 'a Metaspace of "_"'],
    [
      "single-word tokens",
      { added_tokens: [{ id: 0, content: "<x>", single_word: true }] },
      'the single-word token "<x>"',
    ],
    ["another post-processor", { post_processor: { type: "Mystery" } }, 'post_processor "Mystery"'],
  ])("%s", async (_, changes, named) => {
    await expect(openFiles({ "tokenizer.json": { ...readKind("gpt2"), ...changes } })).rejects.toMatchObject({
      code: "BAD_TOKENIZER",
      message: expect.stringMatching(/which is not supported \(/),
    });
    await expect(openFiles({ "tokenizer.json": { ...readKind("gpt2"), ...changes } })).rejects.toThrow(named);
  });

  it.each([
    ["dropout", 0.1],
    ["continuing_subword_prefix", "##"],
    ["end_of_word_suffix", "</w>"],
  ])("a model with %s", async (option, value) => {
    const json = readKind("gpt2");
    json.model[option] = value;
    await expect(openFiles({ "tokenizer.json": json })).rejects.toThrow(
      `has a model with ${option} ${JSON.stringify(value)}, which is not supported`,
    );
  });
});

describe("vocab.json and merges.txt without a tokenizer.json", () => {
  const { vocab, merges } = readKind("opt").model as { vocab: Record<string, number>; merges: string[][] };
  const files = {
    "vocab.json": vocab,
    "merges.txt": `#version: 0.2\n${merges.map((merge) => merge.join(" ")).join("\n")}\n`,
  };
  // As OPT's: every name an object, and the start token asked for.
  const token = (content: string) => ({ __type: "AddedToken", content, lstrip: false, normalized: true });
  const config = {
    tokenizer_class: "GPT2Tokenizer",
    add_bos_token: true,
    add_prefix_space: false,
    bos_token: token("</s>"),
    eos_token: token("</s>"),
    unk_token: token("</s>"),
    pad_token: token("<pad>"),
  };

  it("give what OPT's tokenizer.json gives, start token and all", async () => {
    const tokenizer = await openFiles({ ...files, "tokenizer_config.json": config });
    expect(tokenizer.bos).toEqual({ prepended: true, token: 2 });
    const texts = readZipped(path.join(PARITY, "texts.json.gz")) as string[];
    const answers = readZipped(path.join(PARITY, "opt", "expected.json.gz")) as Answer[];
    // <s> and <unk> are special in that tokenizer.json, and not in OPT's own files.
    const asked = texts.flatMap((text, i) => (/<s>|<unk>/.test(text) ? [] : [[text, answers[i]!] as const]));
    expect(asked.length).toBeGreaterThan(1700);
    expect(asked.flatMap(([text, answer]) => difference(tokenizer, text, answer) ?? [])).toEqual([]);
  });

  it("put no start token first unless the configuration asks for it, and their hash says so", async () => {
    const without = await openFiles({
      ...files,
      "tokenizer_config.json": { ...config, add_bos_token: false },
    });
    expect(without.bos).toEqual({ prepended: false, token: null });
    const hash = (await openFiles({ ...files, "tokenizer_config.json": config })).hash;
    expect(without.hash).not.toBe(hash);
  });

  it("are refused where they are another class's, or do not hold its special tokens", async () => {
    const other = { ...files, "tokenizer_config.json": { ...config, tokenizer_class: "Qwen2Tokenizer" } };
    await expect(openFiles(other)).rejects.toThrow(
      'vocab.json without a tokenizer.json belongs to a "Qwen2Tokenizer" (supported without one: GPT2Tokenizer',
    );
    await expect(openFiles(files)).rejects.toThrow('vocab.json has no token "<|endoftext|>"');
  });
});

describe("the start token of", () => {
  it.each([
    ["gpt2", null],
    ["opt", "</s>"],
    ["llama2", "<s>"],
    ["llama2-first", "<s>"],
    ["llama3", "<|begin_of_text|>"],
    ["gemma", "<bos>"],
    ["qwen2", null],
    ["smollm2", null],
    ["gpt-neox", null],
  ])("%s is %s", async (kind, start) => {
    const tokenizer = await openTokenizer(path.join(PARITY, kind));
    expect(tokenizer.bos.prepended).toBe(start !== null);
    const { token } = tokenizer.bos;
    expect(token === null ? null : tokenizer.tokenText(token)).toBe(start);
  });
});
