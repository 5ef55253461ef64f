import { describe, expect, it } from "vitest";
import { crossTask, statisticOf } from "../../../src/analyses/mlp-activation/cross-task.ts";
import {
  addPrompt,
  emptySums,
  type FactSums,
  gramOf,
  interceptFrom,
  type Reference,
  readColumns,
  total,
  weightsOf,
} from "../../../src/analyses/mlp-activation/fact-sums.ts";
import { jointFit } from "../../../src/analyses/mlp-activation/joint-fit.ts";
import { seededRandom } from "../../../src/math/random.ts";
import { combined, normals } from "./made-run.ts";

/** Facts of several tasks: one head, answer of fact i is unit vector i, one prompt each. */
function factsOf(
  sizes: readonly number[],
  intercept: (task: number) => number[],
  noise: () => number,
  normal: () => number,
) {
  const width = sizes.reduce((a, b) => a + b);
  const columns = sizes.flatMap((size, task) =>
    Array.from({ length: size }, () => {
      const x = Array.from({ length: width }, normal);
      return Float64Array.from([...x, ...combined([x], [0.5], intercept(task), noise)]);
    }),
  );
  const unit = Float64Array.from({ length: width * width }, (_, i) => (i % (width + 1) === 0 ? 1 : 0));
  const reference: Reference = { width, columns: columns[0]!, reads: readColumns(columns[0]!, unit, width) };
  const facts = columns.map((own): FactSums => {
    const sums = emptySums(2, width, width);
    addPrompt(sums, own, reference);
    return { ...sums, reads: readColumns(sums.sums, unit, width) };
  });
  return { facts, reference };
}

const test = (
  sizes: readonly number[],
  made: ReturnType<typeof factsOf>,
  permutations: number,
  seed: string,
) =>
  crossTask({
    ...made,
    sizes,
    lambdas: sizes.map(() => null),
    scale: 1,
    permutations,
    random: seededRandom(seed),
  });

describe("task awareness of the intercept (S6)", () => {
  const sizes = [8, 8, 8, 8];
  const ownAnswers = (task: number) =>
    Array.from({ length: 32 }, (_, d) => (Math.floor(d / 8) === task ? 1 : 0));

  it("is D = identity, T = 1 and p = 1 / (1 + P) for one intercept per task", () => {
    const made = factsOf(sizes, ownAnswers, () => 0, normals("S6"));
    const { intercept, heldOut } = test(sizes, made, 999, "S6");
    for (const result of [intercept, heldOut]) {
      for (const [t, row] of result.matrix.entries())
        for (const [other, value] of row.entries()) expect(value).toBeCloseTo(t === other ? 1 : 0, 9);
      expect(result.statistic).toBeCloseTo(1, 9);
      expect(result.pValue).toBe(1 / 1000);
    }
  });

  it("is T = 0 and p = 1 for one intercept of all tasks", () => {
    const made = factsOf(
      sizes,
      () => new Array(32).fill(1),
      () => 0,
      normals("common"),
    );
    const { intercept } = test(sizes, made, 199, "common");
    expect(intercept.statistic).toBeCloseTo(0, 9);
    expect(intercept.pValue).toBe(1);
  });

  it("is not found in noise: p > .05 in 94 % of 200 draws", () => {
    let above = 0;
    for (let seed = 0; seed < 200; seed++) {
      const normal = normals(`seed ${seed}`);
      const made = factsOf(sizes, () => new Array(32).fill(1), normal, normal);
      if (test(sizes, made, 59, `permutations ${seed}`).intercept.pValue > 0.05) above++;
    }
    expect(above / 200).toBeGreaterThanOrEqual(0.94);
    expect(above / 200).toBeLessThan(1);
  });

  it("is not found where every fact brings its own answer: in sample D then has a diagonal, and so have permuted facts", () => {
    const normal = normals("look-up");
    const made = factsOf(
      sizes,
      () => new Array(32).fill(0),
      () => 0,
      normal,
    );
    // Every fact's MLP output writes 4 on its own answer: a look-up without a task vector.
    const width = 32;
    for (const [i, fact] of made.facts.entries()) {
      const at = width + i;
      fact.sums[at]! += 4;
      fact.reads[at]! += 4;
    }
    const { intercept, heldOut } = test(sizes, made, 199, "look-up");
    expect(intercept.statistic).toBeCloseTo(0.5, 1);
    expect(intercept.pValue).toBeGreaterThan(0.05);
    expect(Math.abs(heldOut.statistic)).toBeLessThan(0.1);
  });

  it("counts T as own minus mean of others", () => {
    expect(
      statisticOf([
        [3, 1, 2],
        [0, 5, 0],
        [1, 1, 1],
      ]),
    ).toBeCloseTo((1.5 + 5 + 0) / 3, 12);
  });
});

describe("fits from sums per fact", () => {
  it("recover weights and intercept to 1e-9 (S3), far from the origin too", () => {
    const normal = normals("S3 exact");
    const [w, width] = [[1.5, -1, 0, -0.5], 8];
    const b = Array.from({ length: width }, (_, d) => d - 3);
    const prompts = Array.from({ length: 12 }, () => {
      const x = w.map((_, k) => Array.from({ length: width }, () => 100 * k + normal()));
      return Float64Array.from([...x.flat(), ...combined(x, w, b)]);
    });
    const reference: Reference = { width, columns: prompts[0]!, reads: new Float64Array(0) };
    const facts = prompts.map((own) => {
      const sums = emptySums(5, width, 0);
      addPrompt(sums, own, reference);
      return sums;
    });
    const all = total(facts);
    const weights = weightsOf(gramOf(all, reference), null);
    for (const [k, weight] of weights.entries()) expect(Math.abs(weight - w[k]!)).toBeLessThan(1e-9);
    const intercept = interceptFrom(weights, all.prompts, all.sums, reference.columns);
    for (const [d, value] of intercept.entries()) expect(Math.abs(value - b[d]!)).toBeLessThan(1e-6);
  });

  it("share one w between tasks (P4), and show what that costs where tasks differ", () => {
    const normal = normals("P4");
    const width = 6;
    const made = (w: number, b: number) =>
      Array.from({ length: 10 }, () => {
        const x = Array.from({ length: width }, normal);
        return Float64Array.from([...x, ...combined([x], [w], new Array(width).fill(b))]);
      });
    const run = (weights: readonly number[]) => {
      const tasks = weights.map((w, t) => made(w, 10 * t));
      const reference: Reference = { width, columns: tasks[0]![0]!, reads: new Float64Array(0) };
      const sums = tasks.map((own) =>
        own.map((columns) => {
          const out = emptySums(2, width, 0);
          addPrompt(out, columns, reference);
          return out;
        }),
      );
      const separate = sums.map((own) => weightsOf(gramOf(total(own), reference), null));
      return jointFit(sums, separate, ["L0H0"], reference).report;
    };
    // The tasks' intercepts differ by 10: pooled about one mean that would be taken for variation.
    const same = run([0.5, 0.5]);
    expect(same.weights[0]!.weight).toBeCloseTo(0.5, 9);
    expect([same.r2Within, same.r2Separate]).toEqual([expect.closeTo(1, 9), expect.closeTo(1, 9)]);
    const different = run([1, -1]);
    expect(different.weights[0]!.perTask).toEqual([expect.closeTo(1, 9), expect.closeTo(-1, 9)]);
    expect(different.r2Separate).toBeCloseTo(1, 9);
    expect(different.r2Within!).toBeLessThan(0.2);
    expect(different.weights[0]!.low!).toBeLessThan(different.weights[0]!.weight!);
  });
});
