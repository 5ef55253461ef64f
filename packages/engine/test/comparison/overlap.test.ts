import { describe, expect, it } from "vitest";
import { headOverlap, topCount } from "../../src/comparison/head-overlap.ts";
import { mantelTest, taskSimilarity } from "../../src/comparison/task-similarity.ts";
import { seededRandom } from "../../src/math/random.ts";
import { averageRanks, pearson, spearman } from "../../src/math/rank-correlation.ts";
import type { TaskSimilarity } from "../../src/results/comparison.ts";
import { ans, buildModelM, FLAG, runSynthetic } from "../synthetic/model-m-folder.ts";
import { permuteHeads } from "../synthetic/variants.ts";
import { aReport } from "./a-report.ts";

const [facts, relations] = [8, 4];
/** What each head of layer 1 does to the answers of each relation, so that relations differ in their heads. */
const GAINS = [
  [-0.5, 0.25, 0.1],
  [0.25, -0.5, 0.2],
  [-0.4, 0.3, -0.2],
  [0.1, 0.2, -0.3],
];
const perRelation = (blocks: Parameters<ReturnType<typeof permuteHeads>>[0]) => [
  blocks[0]!,
  {
    ...blocks[1]!,
    heads: [0, 1, 2].map((h) => ({
      key: FLAG.end,
      ov: GAINS.flatMap((gains, t) =>
        Array.from({ length: facts }, (_, f) => ({ from: ans(t, f), to: ans(t, f), gain: gains[h]! })),
      ),
    })),
  },
];
const model = await buildModelM({ facts, relations, change: perRelation });
const permuted = await buildModelM({
  facts,
  relations,
  change: (blocks, idle) => permuteHeads([2, 0, 1])(perRelation(blocks), idle),
});
const runs = await Promise.all([0, 1, 2, 3].map((t) => runSynthetic(model, t)));
const others = await Promise.all([0, 1, 2, 3].map((t) => runSynthetic(permuted, t)));

describe("rank correlation", () => {
  it("gives ties the mean of their ranks", () => {
    expect([...averageRanks([5, 1, 5, 9])]).toEqual([2.5, 1, 2.5, 4]);
    expect(spearman([1, 2, 2, 4], [1, 3, 2, 4])).toBeCloseTo(4.5 / Math.sqrt(22.5), 12);
  });

  it("is null for constants, for rounding around one, and for two points", () => {
    expect(pearson([1, 1, 1], [1, 2, 3])).toBeNull();
    expect(pearson([1, 1 + 1e-8, 1 - 1e-8], [1, 2, 3])).toBeNull();
    expect(pearson([1, 2], [1, 2])).toBeNull();
    expect(pearson([1, 2, 4], [-1, -2, -4])).toBe(-1);
  });
});

describe("overlap of head sets", () => {
  /** A run of 20 heads whose top ten start at head `first`. */
  const from = (first: number) =>
    aReport(runs[0]!, {
      layers: 4,
      headsPerLayer: 5,
      facts: [{ subject: "s", answer: "a" }],
      prompts: [
        {
          fact: 0,
          changes: Array.from({ length: 20 }, (_, h) =>
            h >= first && h < first + 10 ? 2 - h / 20 : 0.1 - h / 1000,
          ),
        },
      ],
    });

  it("sets Jaccard beside what chance gives", () => {
    const overlap = headOverlap(from(0), from(5));
    expect(overlap).toMatchObject({ k: 10, common: 5 });
    expect(overlap.jaccard).toBeCloseTo(5 / 15, 12);
    // q = 10 x 10 / 20 = 5 heads in common by chance: this overlap is none.
    expect(overlap.chance).toBeCloseTo(5 / 15, 12);
    expect(overlap.pValue).toBeCloseTo(124_130 / 184_756, 10);
  });

  it("is whole for a run and itself, unless chance could do no other", () => {
    const overlap = headOverlap(from(3), from(3));
    expect(overlap.jaccard).toBe(1);
    expect(overlap.spearman).toBe(1);
    expect(overlap.pValue).toBeCloseTo(1 / 184_756, 12);
  });

  it("does not count idle heads, which stand in the same order in every run", () => {
    const idle = (active: number) =>
      aReport(runs[0]!, {
        layers: 4,
        headsPerLayer: 5,
        facts: [{ subject: "s", answer: "a" }],
        prompts: [
          {
            fact: 0,
            changes: Array.from({ length: 20 }, (_, h) => (h === active ? 3 : h === 19 ? 1e-9 : 0)),
          },
        ],
      });
    expect(headOverlap(idle(2), idle(7))).toMatchObject({
      headsA: ["L0H2"],
      headsB: ["L1H2"],
      common: 0,
      jaccard: 0,
    });
    const none = headOverlap(idle(2), idle(-1));
    expect(none).toMatchObject({ jaccard: null, reason: "a run has no head with an effect above 0" });
  });

  it("has no meaning between models", () => {
    expect(headOverlap(runs[0]!, others[0]!)).toMatchObject({ jaccard: null, spearman: null, pValue: null });
    expect(headOverlap(runs[0]!, others[0]!).reason).toMatch(/different models/);
  });

  it("takes 10 heads, or 2 % of many, and never more than there are", () => {
    expect([6, 144, 500, 1024].map(topCount)).toEqual([6, 10, 10, 20]);
  });
});

describe("similarity of tasks", () => {
  const [a, b] = [taskSimilarity(runs), taskSimilarity([...others].reverse())];

  it("is the same for a model and itself with its heads in another order", () => {
    expect(a.tasks).toEqual(["relation-0", "relation-1", "relation-2", "relation-3"]);
    expect(b.tasks).toEqual(a.tasks);
    expect(b.values).toEqual(a.values);
    expect(a.values.map((row, i) => row[i])).toEqual([1, 1, 1, 1]);
    expect(a.values[0]![1]).toBe(a.values[1]![0]);
    // Effects of relation 0 in order: L0H0 1, idle 0, idle 0, then -.5, .25, .1 of the answer; of relation 1: .25, -.5, .2.
    expect(a.values[0]![1]).toBeCloseTo(spearman([9, 0, 0, -5, 2.5, 1], [9, 0, 0, 2.5, -5, 2])!, 12);
  });

  it("agrees by Mantel's test with r = 1, which four tasks can hardly prove", () => {
    const test = mantelTest(a, b);
    expect(test).toMatchObject({ tasks: a.tasks, left: [], permutations: 999 });
    expect(test.r).toBeCloseTo(1, 12);
    // 4! = 24 orders: the identity alone comes up in about 4 % of the permutations.
    expect(test.pValue).toBeGreaterThan(0.02);
    expect(mantelTest(a, b)).toEqual(test);
  });

  it("leaves out tasks that one model lacks, and says nothing of two", () => {
    const without = (n: number): TaskSimilarity => ({
      ...a,
      tasks: a.tasks.slice(0, n),
      values: a.values.slice(0, n).map((row) => row.slice(0, n)),
    });
    expect(mantelTest(a, without(3))).toMatchObject({ left: ["relation-3"], r: expect.closeTo(1, 12) });
    expect(mantelTest(a, without(2))).toMatchObject({
      r: null,
      pValue: null,
      reason: expect.stringMatching(/at least 3/),
    });
    const flat = { ...a, values: a.values.map((row) => row.map(() => 1)) };
    expect(mantelTest(a, flat)).toMatchObject({
      r: null,
      pValue: null,
      reason: expect.stringMatching(/equally similar/),
    });
  });

  it("finds unrelated models alike in about one test of twenty", () => {
    const random = seededRandom("mantel null");
    const made = (): TaskSimilarity => {
      const values = Array.from({ length: 8 }, () => Array<number>(8).fill(1));
      for (let i = 0; i < 8; i++) for (let j = 0; j < i; j++) values[i]![j] = values[j]![i] = random();
      return { model: "m", weightHash: "h", tasks: values.map((_, i) => `t${i}`), values };
    };
    const p = Array.from(
      { length: 200 },
      (_, seed) => mantelTest(made(), made(), { permutations: 199, seed }).pValue!,
    );
    expect(p.filter((own) => own < 0.05).length / 200).toBeLessThan(0.1);
    expect(p.filter((own) => own < 0.5).length / 200).toBeGreaterThan(0.38);
    expect(p.filter((own) => own < 0.5).length / 200).toBeLessThan(0.62);
  });

  it("refuses runs of two models, and a task twice", () => {
    expect(() => taskSimilarity([runs[0]!, others[1]!])).toThrow(/of 2 models/);
    expect(() => taskSimilarity([runs[0]!, runs[0]!])).toThrow(/each task once/);
  });
});
