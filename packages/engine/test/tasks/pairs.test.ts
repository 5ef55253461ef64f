import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/math/random.ts";
import { type PreparedTask, prepareTask } from "../../src/tasks/prepare.ts";
import type { Tokenizer } from "../../src/tokenizers/tokenizer.ts";
import { aTask, COUNTRIES, settings } from "./a-task.ts";
import { tinyTokenizer } from "./tiny-tokenizer.ts";

const prepare = (facts: [string, string][], tokenizer: Tokenizer = tinyTokenizer(), changes = {}) =>
  prepareTask(aTask(facts), tokenizer, settings(changes), 1000);

/** Corrupted prompts must be the clean ones with other subject tokens, and nothing else. */
function expectSound(task: PreparedTask, tokenizer: Tokenizer): void {
  for (const { fact, tokens, corrupted, subjectSpan } of task.prompts) {
    const { donor, answerToken } = task.facts[fact]!;
    expect(corrupted === null).toBe(donor === null);
    if (!corrupted || donor === null) continue;
    expect(donor).not.toBe(fact);
    expect(corrupted.wrongToken).toBe(task.facts[donor]!.answerToken);
    expect(corrupted.wrongToken).not.toBe(answerToken);
    expect(corrupted.tokens).toHaveLength(tokens.length);
    const outside = (ids: number[]) => ids.filter((_, i) => i < subjectSpan[0] || i >= subjectSpan[1]);
    expect(outside(corrupted.tokens)).toEqual(outside(tokens));
    expect(corrupted.tokens).not.toEqual(tokens);
    const said = corrupted.tokens.slice(...subjectSpan).map((id) => tokenizer.tokenText(id));
    expect(said.join("").trim()).toBe(task.facts[donor]!.subject);
  }
}

describe("donors", () => {
  it.each([0, 2])("serve once each where they can, after %d demonstrations", (shots) => {
    const tokenizer = tinyTokenizer();
    const task = prepare(COUNTRIES, tokenizer, { shots });
    expectSound(task, tokenizer);
    const donors = task.facts.map(({ donor }) => donor);
    expect(donors).not.toContain(null);
    if (shots === 0) expect(new Set(donors).size).toBe(5);
  });

  it("do not stand in the demonstrations, nor do their answers", () => {
    const task = prepare([...COUNTRIES, ["Chile", "Lima"]], tinyTokenizer(), { shots: 2 });
    for (const { text, fact } of task.prompts) {
      const { donor } = task.facts[fact]!;
      const demonstrations = text.split(". ").slice(0, 2).join(". ");
      if (donor !== null) {
        expect(demonstrations).not.toContain(task.facts[donor]!.subject);
        expect(demonstrations).not.toContain(task.facts[donor]!.answer);
      }
    }
  });

  it("have subjects of as many tokens; a fact without one is kept and named", () => {
    const tokenizer = tinyTokenizer({ width: 7 });
    const task = prepare([...COUNTRIES, ["Liechtenstein", "Vaduz"]], tokenizer);
    expectSound(task, tokenizer);
    expect(task.facts.at(-1)).toMatchObject({ subject: "Liechtenstein", donor: null });
    expect(task.warnings).toEqual([
      "not patched, as no fact with another answer has a subject of as many tokens in every prompt: Liechtenstein",
    ]);
  });

  it("must fit in every prompt of the fact: a length that differs at the sentence start counts", () => {
    // "Peru" is two tokens at the start of a sentence and one inside; the others are one everywhere.
    const plain = tinyTokenizer();
    const split: Tokenizer = {
      ...plain,
      encode: (text) =>
        plain.encode(text).flatMap((token) => {
          if (token.span?.[0] !== 0 || !text.startsWith("Peru")) return [token];
          const [first, second] = [plain.encode("Pe"), plain.encode("ru")].map((tokens) => tokens.at(-1)!.id);
          return [
            { id: first!, span: [0, 2] as const },
            { id: second!, span: [2, 4] as const },
          ];
        }),
    };
    const task = prepare(COUNTRIES, split, { leadIns: 1 });
    expect(task.facts.filter(({ donor }) => donor === null).map(({ subject }) => subject)).toEqual(["Peru"]);
    expect(task.facts.some(({ donor }) => donor === 2)).toBe(false);
  });

  it("leave every token after the subject as it is", () => {
    // "Kenya's" is one token; "Peru" and "'s" are three with the quote apart.
    const tokenizer = tinyTokenizer({ merged: [" Kenya's", "Kenya's"] });
    const task = prepare(COUNTRIES, tokenizer);
    expectSound(task, tokenizer);
    expect(task.facts.map(({ donor }) => donor === null)).toEqual([false, false, false, true, false]);
    expect(task.facts.some(({ donor }) => donor === 3)).toBe(false);
  });

  it("never name the answer they should take away", () => {
    const facts: [string, string][] = [
      ["Georgia", "Tbilisi"],
      ["Atlanta", "Georgia"],
      ["Lyon", "France"],
    ];
    for (let seed = 0; seed < 8; seed++)
      expect(prepare(facts, tinyTokenizer(), { seed }).facts[1]!.donor).toBe(2);
  });

  it("serve twice only where no perfect matching exists", () => {
    const random = seededRandom("matchings");
    let [perfect, shared] = [0, 0];
    for (let round = 0; round < 60; round++) {
      const count = 2 + Math.floor(random() * 5);
      const facts = Array.from({ length: count }, (_, i): [string, string] => [
        `S${"x".repeat(random() < 0.4 ? 6 : 0)}${i}`,
        `T${Math.floor(random() * 3)}`,
      ]);
      if (new Set(facts.map(([, answer]) => answer)).size < 2) continue;
      const tokenizer = tinyTokenizer({ width: 6 });
      const task = prepare(facts, tokenizer, { seed: round });
      expectSound(task, tokenizer);
      const fits = (i: number, j: number) =>
        i !== j && facts[i]![0].length === facts[j]![0].length && facts[i]![1] !== facts[j]![1];
      const donors = task.facts.map(({ donor }) => donor);
      for (const [i, donor] of donors.entries())
        expect(donor !== null).toBe(facts.some((_, j) => fits(i, j)));
      const alone = donors.flatMap((donor, i) => (donor === null ? [] : [i]));
      const bijection = new Set(alone.map((i) => donors[i])).size === alone.length;
      expect(bijection).toBe(canMatch(alone, facts.length, fits));
      if (alone.length > 0) bijection ? perfect++ : shared++;
    }
    expect(Math.min(perfect, shared)).toBeGreaterThan(5);
  });

  it("follow the seed", () => {
    const facts = Array.from({ length: 12 }, (_, i): [string, string] => [`S${i}`, `T${i}`]);
    const donors = (seed: number) =>
      prepare(facts, tinyTokenizer(), { seed })
        .facts.map(({ donor }) => donor)
        .join();
    expect(donors(1)).toBe(donors(1));
    expect(new Set([1, 2, 3, 4].map(donors)).size).toBe(4);
  });
});

/** Whether all of `left` can have donors of their own: by trying everything. */
function canMatch(
  left: number[],
  count: number,
  fits: (i: number, j: number) => boolean,
  used = new Set<number>(),
): boolean {
  const [first, ...rest] = left;
  if (first === undefined) return true;
  for (let j = 0; j < count; j++)
    if (!used.has(j) && fits(first, j) && canMatch(rest, count, fits, new Set([...used, j]))) return true;
  return false;
}
