import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { openTokenizer } from "../../src/tokenizers/open-tokenizer.ts";
import { temporaryFolder, write } from "../checkpoints/files.ts";

const FIXTURES = path.join(import.meta.dirname, "..", "fixtures", "tokenizers");
const fixture = (name: string) => path.join(FIXTURES, name);
type Row = [text: string, tokens: [id: number, start: number, end: number][]];
const readJson = (name: string, file: string) =>
  JSON.parse(readFileSync(path.join(fixture(name), file), "utf8"));

/** Opens a folder with this tokenizer.json (a fixture's, with changes) and tokenizer_config.json. */
async function open(from: string | object, changes: object = {}, config?: unknown) {
  const folder = temporaryFolder();
  const base = typeof from === "string" ? readJson(from, "tokenizer.json") : from;
  write(folder, "tokenizer.json", { ...base, ...changes });
  if (config !== undefined) write(folder, "tokenizer_config.json", config as object);
  return openTokenizer(folder);
}

const WORDS = {
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: "WhitespaceSplit" },
  post_processor: null,
  decoder: null,
  model: { type: "WordLevel", vocab: { "<unk>": 0, one: 1, two: 2 }, unk_token: "<unk>" },
};

describe.each(["byte-level", "metaspace"])("the %s tokenizer", (name) => {
  const rows = readJson(name, "expected.json") as Row[];

  it("gives the reference library's ids, and its spans except for spaces put in front", async () => {
    const tokenizer = await openTokenizer(fixture(name));
    expect(rows.length).toBeGreaterThan(70);
    for (const [text, expected] of rows) {
      const [start, ...tokens] = tokenizer.encode(text);
      expect(start, text).toEqual({ id: 1, span: null });
      expect(
        tokens.map(({ id }) => id),
        text,
      ).toEqual(expected.map(([id]) => id));
      for (const [i, { span }] of tokens.entries()) {
        const [, from, to] = expected[i]!;
        // The reference gives a space it put in front the first character of the word.
        const added = name === "metaspace" && span![0] === span![1] && span![0] === from;
        if (!added) expect(span, `token ${i} of ${JSON.stringify(text)}`).toEqual([from, to]);
      }
    }
  });

  it("decodes what it encoded", async () => {
    const tokenizer = await openTokenizer(fixture(name));
    const ids = tokenizer.encode("The capital of Côte d'Ivoire, 東京 😀").map(({ id }) => id);
    expect(tokenizer.decode(ids.slice(1))).toBe("The capital of Côte d'Ivoire, 東京 😀");
    expect(tokenizer.decode([])).toBe("");
  });

  it("shows leading spaces, and bytes that are no text", async () => {
    const tokenizer = await openTokenizer(fixture(name));
    const shown = tokenizer.encode("The capital of 東").map(({ id }) => tokenizer.tokenText(id));
    expect(shown.slice(0, 3)).toEqual([
      name === "metaspace" ? "<s>" : "</s>",
      name === "metaspace" ? " The" : "The",
      " capital",
    ]);
    expect(shown.slice(3).join("")).toMatch(/<0xE6><0x9D><0xB1>$/);
    expect(tokenizer.tokenText(tokenizer.vocabularySize)).toBe(`<unused ${tokenizer.vocabularySize}>`);
  });
});

it("counts UTF-16 units across characters of every width", async () => {
  const tokenizer = await openTokenizer(fixture("byte-level"));
  const text = "é東😀 Paris";
  const spans = tokenizer.encode(text).flatMap(({ span }) => (span ? [text.slice(...span)] : []));
  expect(spans.length).toBeGreaterThan(4);
  expect([...new Set(spans)]).toEqual(["é", "東", "😀", " Paris"]);
});

describe("the metaspace tokenizer's added space", () => {
  it("is told from a space of the text", async () => {
    const tokenizer = await openTokenizer(fixture("metaspace"));
    const spans = (text: string) => tokenizer.encode(text).flatMap(({ span }) => (span ? [span] : []));
    expect(spans("東").slice(0, 2)).toEqual([
      [0, 0],
      [0, 1],
    ]);
    expect(spans(" lead").slice(0, 3)).toEqual([
      [0, 0],
      [0, 1],
      [1, 3],
    ]);
    expect(spans("a<s>b").slice(2)).toEqual([
      [1, 4],
      [4, 4],
      [4, 5],
    ]);
  });

  it("is told from one that the text spells out", async () => {
    const tokenizer = await openTokenizer(fixture("metaspace"));
    const spans = (text: string) => tokenizer.encode(text).flatMap(({ span }) => (span ? [span] : []));
    expect(spans("a\u2581b")).toEqual([
      [0, 0],
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
  });
});

describe("a word-level tokenizer", () => {
  it("spans its words", async () => {
    const tokenizer = await open(WORDS);
    expect(tokenizer.encode("two  one")).toEqual([
      { id: 2, span: [0, 3] },
      { id: 1, span: [5, 8] },
    ]);
    expect(tokenizer.bos).toEqual({ prepended: false, token: null });
    expect(tokenizer.vocabularySize).toBe(3);
  });

  it("refuses words it does not know", async () => {
    const tokenizer = await open(WORDS);
    expect(() => tokenizer.encode("one three")).toThrow('tokens of "one three": not in the vocabulary');
  });
});

describe("a tokenizer that composes characters", () => {
  const spans = async (text: string) => {
    const tokenizer = await open("byte-level", { normalizer: { type: "NFC" } });
    return [...new Set(tokenizer.encode(text).flatMap(({ span }) => (span ? [String(span)] : [])))];
  };
  it.each([
    ["a letter with its mark", "xe\u0301y", ["0,1", "1,3", "3,4"]],
    ["marks that are sorted first: the lower one composes", "a\u0307\u0323", ["0,3", "1,2"]],
    ["two marks of one letter, one of which composes", "q\u0308e\u0302\u0301", ["0,1", "1,2", "2,5"]],
    ["Hangul letters", "\u1112\u1161\u11ab\u1100\u1161", ["0,3", "3,5"]],
    ["a mark after a special token, which stays as it is", "</s>\u0338", ["0,4", "4,5"]],
    ["a character that another stands for", "\u212b", ["0,1"]],
  ])("spans %s", async (_, text, expected) => {
    expect(await spans(text)).toEqual(expected);
  });
});

it("shows every byte that is no text when it decodes a part of a character", async () => {
  const tokenizer = await openTokenizer(fixture("metaspace"));
  const bytes = tokenizer.encode("\u6771").slice(-3);
  const ids = bytes.map(({ id }) => id);
  expect(ids.map((id) => tokenizer.tokenText(id))).toEqual(["<0xE6>", "<0x9D>", "<0xB1>"]);
  expect([1, 2, 3].map((n) => tokenizer.decode(ids.slice(0, n)))).toEqual([
    "\ufffd",
    "\ufffd\ufffd",
    "\u6771",
  ]);
});

it("gives a token that takes spaces along the spaces, too", async () => {
  const tokenizer = await openTokenizer(path.join(FIXTURES, "parity", "stripping"));
  const spans = (text: string) => tokenizer.encode(text).map(({ span }) => text.slice(...span!));
  expect(spans("A <mask> A")).toEqual(["A", " <mask>", " A"]);
  expect(spans("A<|im_end|> \nA")).toEqual(["A", "<|im_end|> \n", "A"]);
  expect(() => tokenizer.encode("A\u0085")).toThrow("next-line characters");
});

describe("the start token", () => {
  const template = (readJson("byte-level", "tokenizer.json") as { post_processor: object }).post_processor;
  const byteLevel = { type: "ByteLevel", add_prefix_space: true, trim_offsets: false, use_regex: true };
  const yes = { prepended: true, token: 1 };
  const no = { prepended: false, token: null };

  it.each([
    ["the template puts one", template, undefined, yes],
    ["the template puts one, whatever the config says", template, { add_bos_token: false }, yes],
    [
      "the template puts one inside a sequence",
      { type: "Sequence", processors: [byteLevel, template] },
      {},
      yes,
    ],
    ["nothing puts one", byteLevel, {}, no],
    ["nothing at all", null, undefined, no],
    ["the config says no", byteLevel, { add_bos_token: false, bos_token: "</s>" }, no],
    ["only the config asks for one", byteLevel, { add_bos_token: true, bos_token: "</s>" }, yes],
    [
      "only the config asks for one, as an object",
      null,
      { add_bos_token: true, bos_token: { content: "</s>" } },
      yes,
    ],
    [
      "RoBERTa's class token",
      {
        type: "RobertaProcessing",
        cls: ["</s>", 1],
        sep: ["</s>", 1],
        trim_offsets: true,
        add_prefix_space: false,
      },
      {},
      yes,
    ],
    [
      "an end token only",
      {
        type: "TemplateProcessing",
        single: [{ Sequence: { id: "A", type_id: 0 } }, { SpecialToken: { id: "</s>", type_id: 0 } }],
        pair: [],
        special_tokens: {},
      },
      {},
      no,
    ],
  ])("when %s", async (_, post_processor, config, bos) => {
    const tokenizer = await open("byte-level", { post_processor }, config);
    expect(tokenizer.bos).toEqual(bos);
    const ids = tokenizer.encode("a").map(({ id }) => id);
    expect(ids).toHaveLength(bos.prepended ? 2 : 1);
    expect(ids.includes(1)).toBe(bos.prepended);
  });

  it("changes the tokenizer's hash", async () => {
    const hash = async (config: object) => (await open("byte-level", { post_processor: null }, config)).hash;
    expect(await hash({})).toBe(await hash({ model_max_length: 5 }));
    expect(await hash({})).not.toBe(await hash({ add_bos_token: true, bos_token: "</s>" }));
  });

  it.each([
    ["is not named", { add_bos_token: true }, "its bos_token is missing"],
    ["is null", { add_bos_token: true, bos_token: null }, "its bos_token is null"],
    [
      "is not in the vocabulary",
      { add_bos_token: true, bos_token: "<start>" },
      '"<start>" is not in the vocabulary',
    ],
  ])("is refused when it %s", async (_, config, message) => {
    await expect(open("byte-level", { post_processor: null }, config)).rejects.toMatchObject({
      code: "BAD_TOKENIZER",
      message: expect.stringContaining(message),
    });
  });
});

describe("openTokenizer refuses", () => {
  it.each([
    ["a folder without one", {}, "tokenizer.json is missing (save it with"],
    ["broken JSON", { "tokenizer.json": "{" }, "tokenizer.json is not a JSON object"],
    [
      "another format",
      { "tokenizer.json": "{}" },
      "has no model, which is not supported (is it a tokenizer.json?)",
    ],
    ["half a vocabulary", { "vocab.json": "{}" }, "tokenizer.json is missing (save it with"],
    [
      "a broken config",
      { "tokenizer.json": WORDS, "tokenizer_config.json": "[" },
      "tokenizer_config.json is not a JSON object",
    ],
  ])("%s", async (_, files, message) => {
    const folder = temporaryFolder();
    for (const [name, content] of Object.entries(files)) write(folder, name, content as object);
    await expect(openTokenizer(folder)).rejects.toMatchObject({
      code: "BAD_TOKENIZER",
      message: expect.stringContaining(message),
    });
  });
});
