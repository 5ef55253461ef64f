import { readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { openTokenizer } from "../../src/tokenizers/open-tokenizer.ts";
import { type Answer, difference, readZipped } from "./compare.ts";

const PARITY = path.join(import.meta.dirname, "..", "fixtures", "tokenizers", "parity");
const texts = readZipped(path.join(PARITY, "texts.json.gz")) as string[];
const kinds = readdirSync(PARITY).filter((name) => !name.includes("."));
/** Texts the reference library answers, but we refuse. */
const REFUSED: Record<string, (text: string, ids: number[]) => boolean> = {
  stripping: (text) => text.includes("\u0085"),
  "word-level": (text, ids) => count(ids, 0) > count(text.split(/\s+/), "<unk>"),
  "word-level-punctuated": (_, ids) => ids.includes(0),
};
const count = <T>(list: readonly T[], value: T) => list.filter((item) => item === value).length;

it("covers every kind with 2,000 texts", () => {
  expect(texts).toHaveLength(2000);
  expect(kinds).toHaveLength(15);
});

describe.each(kinds)("the %s tokenizer", (kind) => {
  it("gives the reference library's ids, spans and texts", async () => {
    const folder = path.join(PARITY, kind);
    const tokenizer = await openTokenizer(folder);
    const answers = readZipped(path.join(folder, "expected.json.gz")) as Answer[];
    expect(answers).toHaveLength(texts.length);
    const differences = texts.flatMap((text, i) => {
      if (REFUSED[kind]?.(text, answers[i]![0])) {
        expect(() => tokenizer.encode(text), text).toThrow(/not supported|not in the vocabulary/);
        return [];
      }
      return difference(tokenizer, text, answers[i]!) ?? [];
    });
    expect(differences).toEqual([]);
  });
});
