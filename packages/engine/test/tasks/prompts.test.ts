import { describe, expect, it } from "vitest";
import { LEAD_INS } from "../../src/tasks/lead-ins.ts";
import { promptTexts, shotFacts } from "../../src/tasks/prompts.ts";
import { aTask, COUNTRIES, settings } from "./a-task.ts";

const task = aTask(COUNTRIES);

describe("prompts", () => {
  it("put every lead-in before every clause, and a capital where none stands before", () => {
    const prompts = promptTexts(task, settings({ leadIns: 2 }), 0);
    expect(prompts.map(({ frame, text }) => [frame, text])).toEqual([
      ["of/none", "The capital of France is"],
      ["of/fact", "Fact: the capital of France is"],
      ["has/none", "France's capital is"],
      ["has/fact", "Fact: France's capital is"],
    ]);
    expect(promptTexts(task, settings({ leadIns: LEAD_INS.length }), 0)).toHaveLength(2 * LEAD_INS.length);
  });

  it("leave a subject's own spelling at the start", () => {
    const prompts = promptTexts(
      aTask([
        ["iron", "Fe"],
        ["gold", "Au"],
      ]),
      settings({ leadIns: 1 }),
      0,
    );
    expect(prompts[1]!.text).toBe("iron's capital is");
  });

  it.each([0, 3])("mark the query's subject after %d demonstrations", (shots) => {
    for (const { text, subject } of promptTexts(task, settings({ shots }), 2)) {
      expect(text.slice(...subject)).toBe("Peru");
      expect(text.split(". ")).toHaveLength(shots + 1);
    }
  });

  it.each([0, 2])("mark the relation's word and the demonstrations after %d demonstrations", (shots) => {
    for (const prompt of promptTexts(task, settings({ shots }), 2)) {
      const own = prompt.text.split(". ").at(-1)!;
      expect(prompt.text.slice(...prompt.relation!).toLowerCase()).toBe("capital");
      expect(prompt.relation![0]).toBeGreaterThanOrEqual(prompt.text.length - own.length);
      const facts = shotFacts(task, settings({ shots }), 2);
      expect(prompt.shots.map(({ subject }) => prompt.text.slice(...subject))).toEqual(
        facts.map(({ subject }) => subject),
      );
      expect(prompt.shots.map(({ answer }) => prompt.text.slice(...answer))).toEqual(
        facts.map(({ answer }) => answer),
      );
    }
  });

  it("take subjects as they are, dollar signs too", () => {
    const prompts = promptTexts(
      aTask([
        ["A$&B", "$1"],
        ["C", "D"],
      ]),
      settings({ shots: 1, leadIns: 1 }),
      1,
    );
    expect(prompts[0]!.text).toBe("The capital of A$&B is $1. The capital of C is");
  });

  it("ask about another subject after the same demonstrations", () => {
    const own = promptTexts(task, settings({ shots: 2 }), 0);
    const other = promptTexts(task, settings({ shots: 2 }), 0, 4);
    expect(other.map(({ text }) => text)).toEqual(
      own.map(({ text, subject: [from, to] }) => `${text.slice(0, from)}Norway${text.slice(to)}`),
    );
  });
});

describe("demonstrations", () => {
  const many = aTask(Array.from({ length: 30 }, (_, i) => [`Land${i}`, `Town${i % 10}`]));

  it("are distinct facts with other subjects and answers", () => {
    for (let fact = 0; fact < 30; fact++) {
      const shots = shotFacts(many, settings({ shots: 8 }), fact);
      expect(new Set(shots.map(({ subject }) => subject)).size).toBe(8);
      expect(shots.some((s) => s.subject === `Land${fact}` || s.answer === `Town${fact % 10}`)).toBe(false);
    }
  });

  it("stay the same for a seed and fact, and differ with either", () => {
    const of = (seed: number, fact: number) =>
      shotFacts(many, settings({ shots: 4, seed }), fact)
        .map((f) => f.subject)
        .join();
    expect(of(1, 0)).toBe(of(1, 0));
    expect(new Set([of(1, 0), of(2, 0), of(1, 1), of(2, 1)]).size).toBe(4);
  });

  it("grow by adding in front of nothing: fewer shots are the first of more", () => {
    const [two, four] = [2, 4].map((shots) => shotFacts(many, settings({ shots }), 0));
    expect(four!.slice(0, 2)).toEqual(two);
  });

  it("name neither the subject nor the answer", () => {
    const leaky = aTask([
      ["Guinea", "Conakry"],
      ["Equatorial Guinea", "Malabo"],
      ["Peru", "Lima"],
      ["Conakry", "X"],
    ]);
    for (let seed = 0; seed < 8; seed++)
      expect(shotFacts(leaky, settings({ shots: 1, seed }), 0)).toMatchObject([{ subject: "Peru" }]);
  });

  it("are refused when the task has too few", () => {
    expect(() => shotFacts(task, settings({ shots: 5 }), 0)).toThrow(
      "setting shots: 5 (task a-task has 4 facts that can stand before France; use at most 4 shots)",
    );
  });
});
