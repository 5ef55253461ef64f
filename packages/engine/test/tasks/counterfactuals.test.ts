import { describe, expect, it } from "vitest";
import type { RunSettings } from "../../src/results/receipt.ts";
import {
  type Corruption,
  type Counterfactual,
  type DrawnByPrompt,
  dropReport,
  firstDifference,
  rolePositions,
} from "../../src/tasks/counterfactuals/counterfactual.ts";
import { drawCounterfactuals } from "../../src/tasks/counterfactuals/draw.ts";
import { NEUTRAL_CLAUSES } from "../../src/tasks/counterfactuals/neutral-clauses.ts";
import { noiseDraws } from "../../src/tasks/counterfactuals/noise.ts";
import { type PreparedTask, prepareTask } from "../../src/tasks/prepare.ts";
import type { Task } from "../../src/tasks/task.ts";
import type { Tokenizer } from "../../src/tokenizers/tokenizer.ts";
import { aTask, COUNTRIES, settings } from "./a-task.ts";
import { tinyTokenizer } from "./tiny-tokenizer.ts";

const CURRENCIES: [string, string][] = [
  ["France", "euro"],
  ["Japan", "yen"],
  ["Peru", "sol"],
  ["Kenya", "shilling"],
  ["Norway", "krone"],
];
const currency = (changes: Partial<Task> = {}, facts = CURRENCIES) =>
  aTask(facts, {
    id: "currency",
    clauses: [{ id: "of", text: "the currency of {subject} is", relation: "currency" }],
    shot: "The currency of {subject} is {answer}.",
    ...changes,
  });

interface Case {
  facts?: [string, string][];
  related?: Task[];
  changes?: Partial<RunSettings>;
  tokenizer?: Tokenizer;
  task?: Partial<Task>;
}

function draw(
  corruption: Corruption,
  { facts = COUNTRIES, related = [currency()], changes, tokenizer = tinyTokenizer(), task: own }: Case = {},
): { drawn: DrawnByPrompt; task: PreparedTask; text: (tokens: readonly number[]) => string } {
  const all = settings({ leadIns: 1, ...changes });
  const task = prepareTask(aTask(facts, own), tokenizer, all, 1000);
  const byFact = task.facts.map((_, index) => ({
    index,
    prompts: task.prompts.filter(({ fact }) => fact === index),
  }));
  const drawn = drawCounterfactuals(corruption, byFact, {
    facts: task.facts,
    taskId: "a-task",
    related,
    tokenizer,
    settings: all,
    positions: 1000,
  });
  return { drawn, task, text: (tokens) => tokenizer.decode([...tokens]) };
}

const found = (drawn: DrawnByPrompt, prompt: number): Counterfactual => {
  const own = drawn.get(prompt)!;
  if ("reason" in own) throw new Error(own.reason);
  return own.counterfactual;
};
const reasons = (drawn: DrawnByPrompt) =>
  [...drawn.values()].flatMap((own) => ("reason" in own ? [own.reason] : []));

describe("subject counterfactuals", () => {
  it("are the donor's prompts, with every role in its place", () => {
    const { drawn, task } = draw("SUBJECT");
    for (const prompt of task.prompts) {
      const own = found(drawn, prompt.index);
      expect(own.tokens).toEqual(prompt.corrupted!.tokens);
      expect(own).toMatchObject({ aligned: true, wrongToken: prompt.corrupted!.wrongToken });
      expect(own.positions).toEqual(rolePositions(prompt));
      expect(own.source).toBe(`a-task/${task.facts[task.facts[prompt.fact]!.donor!]!.subject}`);
      expect(firstDifference(prompt.tokens, own.tokens)).toBe(prompt.subjectSpan[0]);
    }
  });

  it("name the facts that have no donor", () => {
    const { drawn } = draw("SUBJECT", {
      facts: [...COUNTRIES, ["Liechtenstein", "Vaduz"]],
      tokenizer: tinyTokenizer({ width: 7 }),
    });
    expect(reasons(drawn)).toEqual(Array(2).fill("no donor has as many subject tokens as Liechtenstein"));
  });
});

describe("relation counterfactuals", () => {
  it("ask something else about the same subject, and know where the roles are", () => {
    const tokenizer = tinyTokenizer();
    const { drawn, task, text } = draw("RELATION", { tokenizer });
    for (const prompt of task.prompts) {
      const own = found(drawn, prompt.index);
      const { subject } = task.facts[prompt.fact]!;
      expect(text(own.tokens)).toBe(`<s>The currency of ${subject} is`);
      const { last, subjLast, relLast } = own.positions;
      expect([last, subjLast, relLast].map((at) => text([own.tokens[at!]!]).trim())).toEqual([
        "is",
        subject,
        "currency",
      ]);
      const answer = CURRENCIES.find(([country]) => country === subject)![1];
      expect(text([own.wrongToken!])).toBe(` ${answer}`);
      // "the capital of S is" has S where "the currency of S is" has it; "S's capital is" has not, at whatever length.
      expect(own.aligned).toBe(prompt.frame === "of/none");
    }
  });

  it("take a clause of as many tokens with the subject in the same place where there is one", () => {
    const clauses = [
      { id: "long", text: "the currency that shops take in {subject} is called", relation: "currency" },
      { id: "shifted", text: "{subject} has the currency called", relation: "currency" },
      { id: "subject shifted", text: "the currency {subject} uses is", relation: "currency" },
      { id: "same", text: "the money of {subject} is", relation: "money" },
    ];
    for (const seed of [1, 2, 3, 4, 5]) {
      const { drawn, text, task } = draw("RELATION", { related: [currency({ clauses })], changes: { seed } });
      for (const { index, frame } of task.prompts.filter(({ frame }) => frame === "of/none")) {
        expect(text(found(drawn, index).tokens), frame).toContain("The money of");
        expect(found(drawn, index).aligned).toBe(true);
      }
    }
  });

  it("take another length before none, and say that only roles are shared", () => {
    const clauses = [
      { id: "long", text: "the currency that shops take in {subject} is called", relation: "currency" },
    ];
    const { drawn, task } = draw("RELATION", { related: [currency({ clauses })] });
    const own = found(drawn, 0);
    expect(own.tokens.length).not.toBe(task.prompts[0]!.tokens.length);
    expect(own.aligned).toBe(false);
    expect(own.positions.last).toBe(own.tokens.length - 1);
  });

  it("drop an answer with the same first token: nothing would be wrong about it", () => {
    const same = currency({}, [["France", "Paris"], ...CURRENCIES.slice(1)]);
    const { drawn } = draw("RELATION", { related: [same] });
    expect(reasons(drawn)).toHaveLength(2);
    expect(reasons(drawn)[0]).toMatch(/about France \(currency: its answer Paris has the same first token\)/);
  });

  it("drop prompts that name the clean answer, which an attention head could copy", () => {
    const clauses = [{ id: "of", text: "beyond Paris the currency of {subject} is", relation: "currency" }];
    const { drawn } = draw("RELATION", { related: [currency({ clauses })] });
    expect(reasons(drawn)).toHaveLength(2);
    expect(reasons(drawn)[0]).toMatch(/its prompts name the answer Paris/);
  });

  it("say which related tasks were tried and why they do not serve", () => {
    const { drawn } = draw("RELATION", { related: [currency({}, CURRENCIES.slice(1))] });
    expect(reasons(drawn)[0]).toMatch(/about France \(currency: does not have this subject\)/);
    expect(reasons(draw("RELATION", { related: [] }).drawn)).toEqual(
      Array(10).fill("no related task is at hand"),
    );
  });

  it("keep the lead-in and take demonstrations of the other relation", () => {
    const { drawn, task, text } = draw("RELATION", { changes: { shots: 1, leadIns: 2 } });
    for (const { index, frame, tokens } of task.prompts) {
      const own = text(found(drawn, index).tokens);
      expect(own).toMatch(/^<s>The currency of \w+ is \w+\. /);
      expect(own).not.toContain("capital");
      expect(own.includes("Fact:")).toBe(frame.endsWith("/fact"));
      expect(text(tokens)).toContain("capital");
    }
  });

  it("keep the lead-in even where another one would give as many tokens", () => {
    const clauses = [{ id: "of", text: "the currency now used within {subject} is", relation: "currency" }];
    const { drawn, task, text } = draw("RELATION", {
      related: [currency({ clauses })],
      changes: { leadIns: 2 },
    });
    for (const { index, frame } of task.prompts)
      expect(text(found(drawn, index).tokens).includes("Fact:"), frame).toBe(frame.endsWith("/fact"));
  });

  it("do not fail where the other task has too few facts for the demonstrations", () => {
    const { drawn } = draw("RELATION", {
      related: [currency({}, CURRENCIES.slice(0, 2))],
      changes: { shots: 2 },
    });
    expect(reasons(drawn)).toHaveLength(10);
    expect(reasons(drawn)[0]).toMatch(/use at most 1 shots/);
  });

  it("come from one related task per fact, spread over tasks by the seed and the same for the same seed", () => {
    const related = [currency(), currency({ id: "money" })];
    const sources = (seed: number) => {
      const { drawn, task } = draw("RELATION", { related, changes: { seed } });
      const own = task.facts.map((_, f) =>
        task.prompts.filter(({ fact }) => fact === f).map(({ index }) => found(drawn, index).source),
      );
      for (const perFact of own) expect(new Set(perFact).size).toBe(1);
      return own.map(([source]) => source!);
    };
    expect(sources(1)).toEqual(sources(1));
    const seen = [1, 2, 3, 4].flatMap(sources).map((source) => source.split("/")[0]);
    expect(new Set(seen)).toEqual(new Set(["currency", "money"]));
  });
});

describe("counterfactuals of both", () => {
  it("ask something else about the donor", () => {
    const { drawn, task, text } = draw("BOTH");
    for (const { index, fact } of task.prompts) {
      const donor = task.facts[task.facts[fact]!.donor!]!.subject;
      const own = found(drawn, index);
      expect(text(own.tokens)).toBe(`<s>The currency of ${donor} is`);
      expect(text([own.wrongToken!])).toBe(` ${CURRENCIES.find(([country]) => country === donor)![1]}`);
    }
  });
});

describe("generic counterfactuals", () => {
  it("keep the lead-in and speak of nothing", () => {
    const { drawn, task, text } = draw("GENERIC", { changes: { leadIns: 2, shots: 1 } });
    for (const { index, fact, frame } of task.prompts) {
      const own = found(drawn, index);
      const said = text(own.tokens);
      expect(said).not.toContain(task.facts[fact]!.subject);
      expect(said).not.toMatch(/capital/i);
      expect(said.startsWith("<s>Fact:")).toBe(frame.endsWith("/fact"));
      expect(NEUTRAL_CLAUSES.map(({ id }) => id)).toContain(own.source);
      expect(own).toMatchObject({ wrongToken: null, positions: { subjLast: null, relLast: null } });
      expect(own.positions.last).toBe(own.tokens.length - 1);
    }
  });

  it("prefer a clause of the prompt's length", () => {
    // "the weather this morning was rather" is one of those with 6 words.
    const clauses = [{ id: "of", text: "the capital city of {subject} is", relation: "capital" }];
    const { drawn, task } = draw("GENERIC", { task: { clauses } });
    for (const { index, tokens } of task.prompts)
      expect(found(drawn, index).tokens).toHaveLength(tokens.length);
  });
});

describe("noise", () => {
  const prompt = { text: "The capital of New Delhi", subjectSpan: [4, 6] as [number, number] };
  const draws = noiseDraws(prompt, 4000, 0.5, 1);

  it("is added to the subject's embeddings only, with the deviation asked for", () => {
    expect(draws).toHaveLength(10);
    for (const edits of draws) {
      expect(edits.map(({ hook, position, scale }) => [hook, position, scale])).toEqual([
        ["blocks.0.hook_resid_pre", 4, 1],
        ["blocks.0.hook_resid_pre", 5, 1],
      ]);
    }
    const values = draws.flatMap((edits) => edits.flatMap(({ value }) => [...(value as Float32Array)]));
    const moment = (power: number) => values.reduce((sum, x) => sum + (x / 0.5) ** power, 0) / values.length;
    expect(moment(1)).toBeCloseTo(0, 1);
    expect(moment(2)).toBeCloseTo(1, 1);
    expect(moment(4)).toBeCloseTo(3, 0);
  });

  it("differs between draws, tokens, prompts and seeds, and is the same for the same", () => {
    const first = (edits: typeof draws) => (edits[0]![0]!.value as Float32Array)[0];
    const all = [
      first(draws),
      (draws[0]![1]!.value as Float32Array)[0],
      (draws[1]![0]!.value as Float32Array)[0],
      first(noiseDraws({ ...prompt, text: "another" }, 4000, 0.5, 1)),
      first(noiseDraws(prompt, 4000, 0.5, 2)),
    ];
    expect(new Set(all).size).toBe(5);
    expect(noiseDraws(prompt, 4000, 0.5, 1)).toEqual(draws);
  });
});

describe("the drop report", () => {
  it("counts what was drawn from where and names what was not", () => {
    const { drawn } = draw("RELATION", { related: [currency({}, CURRENCIES.slice(1))] });
    const report = dropReport(drawn);
    expect(report).toMatchObject({ prompts: 10, usable: 8, aligned: 4 });
    expect(report.sources).toEqual([{ source: "currency", prompts: 8 }]);
    expect(report.dropped.map(({ prompt }) => prompt)).toEqual([0, 1]);
  });
});
