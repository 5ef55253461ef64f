import { describe, expect, it } from "vitest";
import { decomposition } from "../../src/analyses/mlp-activation/decomposition.ts";
import { normalFrom, seededRandom } from "../../src/math/random.ts";
import type { PassResult } from "../../src/planner/forward-pass.ts";
import { aggregationOf, analyse, modelM, taskOfM } from "./model-m.ts";
import { referenceInstruments } from "./reference-instruments.ts";

describe("decomposition of model M", async () => {
  const model = modelM(5);
  const { decompositions, intercepts } = await analyse(decomposition, model.toy, taskOfM(model, 5));
  const first = decompositions.find(({ layer, regressors }) => layer === 0 && regressors === "R1")!;
  const read = intercepts.find(({ layer, regressors }) => layer === 0 && regressors === "R1")!;

  it("sees that MLP0 halves the mover and cannot judge constant heads", () => {
    expect(first.weights[0]!.weight).toBeCloseTo(-0.5, 6);
    expect(first.weights.slice(1)).toMatchObject([
      { weight: null, identifiable: false, verdict: "not identifiable" },
      { weight: null, identifiable: false, verdict: "not identifiable" },
    ]);
    expect(first).toMatchObject({ rank: 1, lambda: null, centred: false, pooling: "P1" });
    expect(first.condition).toBeCloseTo(1, 9);
    expect(first.weights[0]!.varianceInflation).toBeCloseTo(1, 9);
    expect(first.r2Within).toBeCloseTo(1 / 26, 6);
  });

  it("puts what is common to all facts into the intercept", () => {
    // 0.9 on the relation's 5 answers, nothing on the subjects.
    expect(first.interceptNorm).toBeCloseTo(0.9 * Math.sqrt(5), 5);
    expect(read.typeGain.value).toBeCloseTo(0.9 - 4.5 / 20, 5);
    expect(read.top.slice(0, 5).every(({ candidate }) => candidate)).toBe(true);
    expect(read.top[0]!.value).toBeCloseTo(0.675, 5);
    expect(read.top[5]!.value).toBeCloseTo(-0.225, 5);
  });

  it("compares it with the mean MLP output, which promotes the answers more", () => {
    expect(read.typeGainOfMean.value).toBeCloseTo(0.9 - 3.6 / 20, 5);
    expect(read.cosineWithMean).toBeCloseTo(Math.sqrt(4.05 / 4.212), 5);
  });

  it("splits the uncentred R2 into the mean's and the rest", () => {
    const within = 4 * (4.5 ** 2 + 0.9 ** 2);
    const total = 5 * (4.5 ** 2 + 0.9 ** 2);
    expect(first.r2Mean).toBeCloseTo((total - within) / total, 6);
    expect(first.r2Uncentred).toBeCloseTo((total - within + within / 26) / total, 6);
  });

  it("gives no interval on 5 facts, and says why where nothing varies", () => {
    for (const { low, high, standardError } of first.weights)
      expect([low, high, standardError]).toEqual([null, null, null]);
    const last = decompositions.find(({ layer, regressors }) => layer === 1 && regressors === "R1")!;
    expect(last).toMatchObject({ r2Within: null, reason: "the MLP's output does not vary over the prompts" });
    expect(last.r2HeldOut).toMatchObject({ mean: null, folds: 0, reason: last.reason });
  });

  it("uses all heads up to the layer as R2", () => {
    const all = decompositions.find(({ layer, regressors }) => layer === 1 && regressors === "R2")!;
    expect(all.weights.map(({ label }) => label)).toEqual(["L0H0", "L0H1", "L0H2", "L1H0", "L1H1", "L1H2"]);
    // More regressors than facts: ridge, declared.
    expect(all.lambda).toBeGreaterThan(0);
  });
});

/** Root mean square of every final residual below: what readouts are divided by. */
const SCALE = 2;

/** Activations made to measure: `heads` random results per prompt and an MLP that is linear in them. */
async function synthetic(options: {
  weights: number[];
  facts: number;
  prompts?: number;
  noise?: number;
  norm?: "rms" | "layernorm";
  change?: (x: Float64Array[], fact: number) => void;
  seed?: number;
}) {
  const { weights, facts: F, prompts = 2, noise = 0, norm = "rms", change, seed = 0 } = options;
  const [width, heads] = [4, weights.length];
  const intercept = [1, -1, 0.5, 2];
  const random = seededRandom(`synthetic ${seed}`);
  const normal = normalFrom(random);
  const model = modelM(F);
  const task = taskOfM(model, F);
  const identity = Float64Array.from({ length: 64 }, (_, i) => (i % 5 === 0 && i < 16 ? 1 : 0));
  const context = {
    ...task.context,
    model: {
      ...task.context.model,
      layers: 1,
      heads,
      kvHeads: heads,
      width,
      vocabulary: 16,
      norm: { kind: norm, epsilon: 0 },
    },
    candidates: [0, 1, 2, 3],
    facts: task.context.facts.map((fact, f) => ({ ...fact, answerToken: f % 4 })),
    instruments: referenceInstruments({
      ...{ width, vocabulary: 16, norm: "rms", epsilon: 0, bias: null },
      gain: [1, 1, 1, 1],
      unembedding: identity,
      output: () => ({ heads, headWidth: 1, values: [] }),
    }),
  };
  const facts = task.facts.map((fact) => ({
    ...fact,
    prompts: Array.from({ length: prompts }, () => fact.prompts[0]!),
  }));
  const measurements = await Promise.all(
    facts.map((fact, f) => {
      const results = fact.prompts.map((): PassResult[] => {
        const x = weights.map(() => Float64Array.from({ length: width }, normal));
        change?.(x, f);
        const shared = noise * normal();
        const m = intercept.map((b, d) => b + shared + weights.reduce((sum, w, k) => sum + w * x[k]![d]!, 0));
        const captures = new Map([
          ["blocks.0.attn.hook_result", Float32Array.from(x.flatMap((row) => [...row]))],
          ["blocks.0.hook_mlp_out", Float32Array.from(m)],
          ["blocks.0.hook_resid_post", new Float32Array(width).fill(SCALE)],
        ]) as PassResult["captures"];
        return [{ captures }];
      });
      return decomposition.measure(fact, results, context);
    }),
  );
  const report = await decomposition.aggregate(measurements, aggregationOf(context, facts));
  return { fit: report.decompositions[0]!, intercept: report.intercepts[0]! };
}

describe("decomposition of a linear MLP", () => {
  it("recovers one scalar per head and one vector for all prompts", async () => {
    const { fit, intercept } = await synthetic({ weights: [0.5, -2, 1.25], facts: 16 });
    for (const [k, w] of [0.5, -2, 1.25].entries()) expect(fit.weights[k]!.weight).toBeCloseTo(w, 5);
    expect(fit.r2Within).toBeCloseTo(1, 7);
    expect(fit.r2HeldOut.mean).toBeCloseTo(1, 6);
    expect(fit.r2HeldOut.folds).toBe(25);
    expect(fit.interceptNorm).toBeCloseTo(Math.sqrt(1 + 1 + 0.25 + 4), 5);
    // b itself, read through an unembedding of unit rows: [1, -1, .5, 2] minus the vocabulary's mean.
    const value = (token: number) =>
      [...intercept.top, ...intercept.bottom].find((t) => t.token === token)!.value;
    for (const [token, b] of [1, -1, 0.5, 2].entries())
      expect(value(token)).toBeCloseTo((b - 2.5 / 16) / SCALE, 5);
    // 16 facts, answers 0 to 3 in turn.
    expect(intercept.typeGain.value).toBeCloseTo((2.5 / 4 - 2.5 / 16) / SCALE, 5);
    expect(fit.weights.map(({ verdict }) => verdict)).toEqual(["amplified", "inverted", "amplified"]);
  });

  it("labels amplified, erased, untouched and damped heads", async () => {
    const { fit } = await synthetic({ weights: [1.5, -1, 0, -0.5], facts: 48, noise: 0.2 });
    expect(fit.weights.map(({ verdict }) => verdict)).toEqual([
      "amplified",
      "erased",
      "no evidence",
      "damped",
    ]);
    for (const { low, high, weight } of fit.weights) {
      expect(low).toBeLessThan(weight!);
      expect(high).toBeGreaterThan(weight!);
    }
  });

  it("has wider intervals on 9 facts, by the jackknife", async () => {
    const { fit } = await synthetic({ weights: [0.5, -0.5], facts: 9, noise: 0.5 });
    const many = await synthetic({ weights: [0.5, -0.5], facts: 90, noise: 0.5 });
    for (const [k, { low, high, standardError }] of fit.weights.entries()) {
      // Student's t with 8 degrees of freedom.
      expect((high! - low!) / 2 / standardError!).toBeCloseTo(2.306, 2);
      expect(standardError!).toBeGreaterThan(2 * many.fit.weights[k]!.standardError!);
    }
  });

  it("moves a constant head into the intercept", async () => {
    const { fit, intercept } = await synthetic({
      weights: [0.5, -2, 1.25, 3],
      facts: 16,
      change: (x) => x[3]!.set([1, 0, 0, 0]),
    });
    expect(fit.rank).toBe(3);
    expect(fit.weights[3]).toMatchObject({
      weight: null,
      low: null,
      identifiable: false,
      verdict: "not identifiable",
    });
    expect(intercept.top[0]).toMatchObject({ token: 0 });
    expect(intercept.top[0]!.value).toBeCloseTo((1 + 3 - 5.5 / 16) / SCALE, 5);
  });

  it("declares a penalty when two heads are the same, and gets their sum right", async () => {
    const { fit } = await synthetic({
      weights: [0.3, 0.2, -1],
      facts: 16,
      change: (x) => x[1]!.set(x[0]!),
    });
    expect(fit.lambda).toBeGreaterThan(0);
    expect(fit.rank).toBe(2);
    expect(fit.weights[0]!.weight! + fit.weights[1]!.weight!).toBeCloseTo(0.5, 4);
    expect(fit.weights[0]!.varianceInflation).toBeNull();
  });

  it("uses ridge when there are more heads than facts", async () => {
    const { fit } = await synthetic({ weights: Array(10).fill(0.5), facts: 8, noise: 1 });
    expect(fit.lambda).not.toBeNull();
    expect(fit.r2HeldOut.mean).toBeLessThan(1);
  });

  it("gives the share of new facts' variation that it predicts", async () => {
    // The head and the noise each make half of the variance.
    const { fit } = await synthetic({ weights: [1], facts: 200, prompts: 1, noise: 1 });
    expect(Math.abs(fit.r2HeldOut.mean! - 0.5)).toBeLessThan(0.08);
    expect(fit.r2HeldOut.sd!).toBeLessThan(0.15);
    expect(Math.abs(fit.r2HeldOut.mean! - fit.r2Within!)).toBeLessThan(0.05);
  });

  it("explains nothing held out when there is nothing to explain", async () => {
    const means = await Promise.all(
      [1, 2, 3, 4].map(
        async (seed) =>
          (await synthetic({ weights: [0, 0, 0], facts: 40, noise: 1, seed })).fit.r2HeldOut.mean!,
      ),
    );
    for (const mean of means) {
      expect(mean).toBeLessThan(0.02);
      expect(mean).toBeGreaterThan(-0.5);
    }
  });

  it("ignores what a LayerNorm does not see", async () => {
    const shift = (x: Float64Array[], fact: number) => {
      for (const row of x) for (let d = 0; d < 4; d++) row[d]! += fact * 10;
    };
    const { fit } = await synthetic({ weights: [0.5, -2], facts: 16, norm: "layernorm", change: shift });
    const plain = await synthetic({ weights: [0.5, -2], facts: 16, norm: "layernorm" });
    expect(fit.centred).toBe(true);
    expect(fit.condition).toBeCloseTo(plain.fit.condition!, 2);
  });

  it("inflates the variance of correlated heads", async () => {
    const mixed = (x: Float64Array[]) => {
      for (let d = 0; d < 4; d++) x[1]![d] = 0.8 * x[0]![d]! + 0.6 * x[1]![d]!;
    };
    const { fit } = await synthetic({ weights: [0.5, -2], facts: 200, change: mixed });
    // 1 / (1 - r^2) with r = 0.8.
    expect(fit.weights[0]!.varianceInflation).toBeCloseTo(1 / 0.36, 0);
  });

  it("stands a single fact", async () => {
    const { fit, intercept } = await synthetic({ weights: [0.5], facts: 1, prompts: 3 });
    expect(fit.r2HeldOut).toMatchObject({ mean: null, folds: 0, reason: "one known fact" });
    expect(intercept.typeGain).toMatchObject({ low: null, high: null });
    expect(fit.weights[0]).toMatchObject({ low: null, high: null, standardError: null });
  });
});
