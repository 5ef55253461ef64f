import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startOfText } from "../../src/sampling/start-of-text.ts";
import { openTokenizer } from "../../src/tokenizers/open-tokenizer.ts";
import { tinyTokenizer } from "../tasks/tiny-tokenizer.ts";

const added = (id: number, content: string) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});

describe("where free text starts", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "recallscope-start-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const open = async (tokens: object[], vocabulary: Record<string, number>, merges: unknown[] = []) => {
    const json = {
      version: "1.0",
      added_tokens: tokens,
      pre_tokenizer: { type: "ByteLevel", add_prefix_space: false },
      normalizer: null,
      post_processor: null,
      decoder: { type: "ByteLevel" },
      model: { type: "BPE", vocab: vocabulary, merges },
    };
    await writeFile(path.join(folder, "tokenizer.json"), JSON.stringify(json));
    return openTokenizer(folder);
  };
  const letters = { "<": 0, "/": 1, s: 2, ">": 3 };

  it("is the start token, where there is one", () => {
    expect(startOfText(tinyTokenizer())).toEqual({ token: 0 });
  });

  it("is the end-of-text token, where there is no start token", async () => {
    const tokenizer = await open([added(4, "<|endoftext|>")], { ...letters, "<|endoftext|>": 4 });
    expect(startOfText(tokenizer)).toEqual({ token: 4 });
  });

  it("is not a name that merely spells out in letters", async () => {
    expect(startOfText(await open([], letters))).toEqual({
      reason: expect.stringContaining("no start token"),
    });
  });

  it("comes with the order in which merges were learnt, not of ids", async () => {
    const vocabulary = { ...letters, "s>": 4, "</": 5, "</s>": 6 };
    for (const merges of [
      ["< /", "s >", "</ s>"],
      [
        ["<", "/"],
        ["s", ">"],
        ["</", "s>"],
      ],
    ]) {
      const tokenizer = await open([], vocabulary, merges);
      expect([...tokenizer.mergeRanks!()!]).toEqual([
        [5, 0],
        [4, 1],
        [6, 2],
      ]);
    }
    expect((await open([], letters)).mergeRanks!()).toBeNull();
  });
});
