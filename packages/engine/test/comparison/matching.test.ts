import { describe, expect, it } from "vitest";
import { assign } from "../../src/comparison/assignment.ts";
import { functionalMatching } from "../../src/comparison/functional-matching.ts";
import { seededRandom } from "../../src/math/random.ts";
import { buildModelM, runSynthetic } from "../synthetic/model-m-folder.ts";
import { idleBefore, permuteHeads } from "../synthetic/variants.ts";

describe("cheapest assignment", () => {
  const cheapest = (
    cost: Float64Array,
    rows: number,
    columns: number,
    row = 0,
    taken = new Set<number>(),
  ): number => {
    if (row === rows) return 0;
    let best = Number.POSITIVE_INFINITY;
    for (let column = 0; column < columns; column++) {
      if (taken.has(column)) continue;
      const rest = cheapest(cost, rows, columns, row + 1, new Set([...taken, column]));
      best = Math.min(best, cost[row * columns + column]! + rest);
    }
    return best;
  };

  it("costs what trying all assignments finds, where taking the nearest first does not", () => {
    const random = seededRandom("assignment");
    for (const [rows, columns] of [
      [5, 5],
      [3, 6],
      [1, 4],
    ] as const) {
      for (let round = 0; round < 40; round++) {
        const cost = Float64Array.from({ length: rows * columns }, () => Math.round(random() * 20) - 5);
        const columnOf = [...assign(cost, rows, columns)];
        expect(new Set(columnOf).size).toBe(rows);
        const total = columnOf.reduce((sum, column, row) => sum + cost[row * columns + column]!, 0);
        expect(total).toBeCloseTo(cheapest(cost, rows, columns), 10);
      }
    }
    // Greedy would give row 0 its 1 and pay 10 + 1 = 11.
    expect([...assign(Float64Array.from([1, 2, 2, 10]), 2, 2)]).toEqual([1, 0]);
    expect(() => assign(new Float64Array(2), 2, 1)).toThrow(RangeError);
  });

  it("is fast enough for a thousand heads", () => {
    const random = seededRandom("large");
    const n = 1024;
    const cost = Float64Array.from({ length: n * n }, random);
    const started = performance.now();
    expect(new Set(assign(cost, n, n)).size).toBe(n);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe("functional matching of heads", async () => {
  const facts = 8;
  const plain = await runSynthetic(await buildModelM({ facts }));
  const order = [2, 0, 1];
  const permuted = await runSynthetic(await buildModelM({ facts, change: permuteHeads(order) }));
  const deeper = await runSynthetic(await buildModelM({ facts, change: idleBefore }));

  it("costs nothing for a model and itself, and finds each head where it went", () => {
    const match = functionalMatching(plain, permuted);
    expect(match.cost).toBeCloseTo(0, 3);
    expect(match).toMatchObject({ excludedA: [], excludedB: [], permutations: 99 });
    for (const { a, b } of match.pairs) {
      const [layer, place] = [b[1], Number(b[3])];
      expect(a).toBe(`L${layer}H${order[place]}`);
    }
    expect(match.randomCost).toBeGreaterThan(1);
    expect(match.shuffledCost!.mean).toBeGreaterThan(0.1);
    expect(match.pValue).toBeLessThan(0.05);
    expect(functionalMatching(plain, permuted)).toEqual(match);
  });

  it("pairs every head of the smaller model, and depth then has its price", () => {
    const match = functionalMatching(plain, deeper);
    expect(match.pairs).toHaveLength(6);
    expect(match.pairs.find(({ a }) => a === "L0H0")).toMatchObject({ b: "L1H0" });
    expect(match.pairs.find(({ a }) => a === "L1H0")).toMatchObject({ b: "L3H0" });
    expect(match.cost).toBeGreaterThan(0.1);
    const back = functionalMatching(deeper, plain);
    expect(back.cost).toBeCloseTo(match.cost!, 12);
    expect(back.pairs.find(({ b }) => b === "L0H0")).toMatchObject({ a: "L1H0" });
  });

  it("leaves out heads without a profile and says which", () => {
    const partial = structuredClone(plain);
    partial.argumentPassing.heads[3]!.effect = { value: null, low: null, high: null, n: 0, reason: "why" };
    expect(functionalMatching(partial, plain)).toMatchObject({ excludedA: ["L1H0"], excludedB: [] });
    for (const head of partial.argumentPassing.heads) head.effect.value = null;
    expect(functionalMatching(partial, plain)).toMatchObject({
      cost: null,
      pairs: [],
      reason: expect.any(String),
    });
  });
});
