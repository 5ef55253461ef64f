import { describe, expect, it } from "vitest";
import { prepareTask } from "../../src/tasks/prepare.ts";
import type { Tokenizer } from "../../src/tokenizers/tokenizer.ts";
import { aTask, COUNTRIES, settings } from "./a-task.ts";
import { tinyTokenizer } from "./tiny-tokenizer.ts";

const prepare = (facts: [string, string][], tokenizer: Tokenizer = tinyTokenizer(), positions = 100) =>
  prepareTask(aTask(facts), tokenizer, settings(), positions);
const reasons = ({ dropped }: { dropped: { subject: string; reason: string }[] }) =>
  Object.fromEntries(dropped.map(({ subject, reason }) => [subject, reason]));

describe("admission", () => {
  it("keeps good facts with tokens, spans and candidates", () => {
    const tokenizer = tinyTokenizer({ width: 4 });
    const { facts, prompts, candidates, dropped } = prepare(
      [
        ["France", "Paris"],
        ["Japan", "Tokyo"],
      ],
      tokenizer,
    );
    expect(dropped).toEqual([]);
    expect(facts[0]!.answerTokens.map((id) => tokenizer.tokenText(id))).toEqual([" Par", "is"]);
    expect(facts[0]!.answerToken).toBe(facts[0]!.answerTokens[0]);
    expect(candidates.map(({ answers }) => answers)).toEqual([["Paris"], ["Tokyo"]]);
    expect(prompts).toHaveLength(8);
    for (const { tokens, subjectSpan, fact, text, index } of prompts) {
      expect(prompts[index]!.text).toBe(text);
      expect(tokens[0]).toBe(0);
      const covered = tokens.slice(...subjectSpan).map((id) => tokenizer.tokenText(id));
      expect(covered.join("").trim()).toBe(facts[fact]!.subject);
    }
  });

  it("drops answers whose first token stands for another answer too, both", () => {
    const facts: [string, string][] = [["A", "New Delhi"], ["B", "New York"], ...COUNTRIES];
    const result = prepare(facts);
    expect(reasons(result)).toEqual({
      A: "the answer's first token is shared by New Delhi, New York",
      B: "the answer's first token is shared by New Delhi, New York",
    });
    expect(result.facts).toHaveLength(5);
  });

  it("lets several facts share one answer, as one candidate", () => {
    const result = prepare([
      ["Chile", "Spanish"],
      ["Spain", "Spanish"],
      ["Brazil", "Portuguese"],
    ]);
    expect(result.facts).toHaveLength(3);
    expect(result.candidates.map(({ answers }) => answers)).toEqual([["Spanish"], ["Portuguese"]]);
  });

  it("refuses a task with one answer for all, which every model would know", () => {
    expect(() =>
      prepare([
        ["Chile", "Spanish"],
        ["Spain", "Spanish"],
      ]),
    ).toThrow("all 2 facts that can be asked of this model have the answer Spanish");
  });

  it.each([
    ["a lone space", " "],
    ["punctuation", ' "'],
    ["a single byte", "<0xE4>"],
    ["a space and a part of a character", "<0x20><0xE4>"],
  ])("drops an answer that begins with %s", (_, shown) => {
    const tokenizer = tinyTokenizer();
    const first = tokenizer.encode(" Ankara").at(-1)!.id;
    const showing = {
      ...tokenizer,
      tokenText: (id: number) => (id === first ? shown : tokenizer.tokenText(id)),
    };
    expect(reasons(prepare([["Turkey", "Ankara"], ...COUNTRIES], showing))).toEqual({
      Turkey: `the answer's first token is ${JSON.stringify(shown)}, which says nothing of it`,
    });
  });

  it("drops facts that give their answer away", () => {
    const result = prepare([
      ["Tunisia", "Tunis"],
      ["Singapore", "Singapore"],
      ["X", "capital"],
      ...COUNTRIES,
    ]);
    expect(reasons(result)).toEqual({
      Tunisia: "the answer occurs in the subject",
      Singapore: "the answer occurs in the subject",
      X: 'the answer occurs in the prompt ("The capital of X is")',
    });
  });

  it("drops facts whose answer melts into the prompt's last token", () => {
    const result = prepare(COUNTRIES, tinyTokenizer({ merged: [" is Lima"] }));
    expect(reasons(result)).toEqual({
      Peru: 'the tokenizer merges the prompt\'s end with the answer ("The capital of Peru is")',
    });
  });

  it("drops prompts longer than the model's positions, to the token", () => {
    const tokenizer = () => tinyTokenizer({ width: 4 });
    const facts: [string, string][] = [...COUNTRIES, ["Madagascar", "Antananarivo"]];
    const whole = prepare(facts, tokenizer());
    const need = (fact: number) =>
      Math.max(
        ...whole.prompts
          .filter((p) => p.fact === fact)
          .map((p) => p.tokens.length + p.answerTokens.length - 1),
      );
    const most = Math.max(...whole.facts.map((_, f) => need(f)));
    expect(prepare(facts, tokenizer(), most).dropped).toEqual([]);
    const { dropped } = prepare(facts, tokenizer(), most - 1);
    expect(dropped.map(({ subject }) => subject)).toEqual(
      whole.facts.filter((_, f) => need(f) === most).map(({ subject }) => subject),
    );
    expect(dropped).toHaveLength(1);
    expect(dropped[0]!.reason).toMatch(
      new RegExp(`need ${most} positions \\(the model has ${most - 1}\\): "`),
    );
  });

  it("refuses a task of which less than two facts are left, with the reasons", () => {
    expect(() => prepare(COUNTRIES, tinyTokenizer(), 3)).toThrow(
      /task a-task: 0 of 5 facts can be asked of this model \(at least 2 needed\); France: prompt and answer need \d+ positions \(the model has 3\)/,
    );
  });
});
