import { afterAll, describe, expect, it } from "vitest";
import { decompositionViews } from "../../../src/analyses/mlp-activation/decomposition-views.ts";
import type {
  DecompositionViewsReport,
  Pooling,
  RegressorScale,
  RegressorSet,
} from "../../../src/results/decomposition-views.ts";
import { combined, type MadePrompt, type MadeRun, madeRun, normals } from "./made-run.ts";
import { furtherOn, runsOfM, unobservable } from "./run-on.ts";

const fitOf = (
  report: DecompositionViewsReport,
  regressors: RegressorSet,
  pooling: Pooling = "P1",
  scale: RegressorScale = "raw",
  layer = 0,
) =>
  report.fits.find(
    (fit) =>
      fit.regressors === regressors && fit.pooling === pooling && fit.scale === scale && fit.layer === layer,
  )!;

/** Prompts of `facts` x `frames` from a rule for one prompt. */
const grid = (facts: number, frames: number, prompt: (fact: number, frame: number) => MadePrompt) =>
  Array.from({ length: facts }, (_, f) => Array.from({ length: frames }, (_, t) => prompt(f, t)));

const viewsOf = async (made: MadeRun) => {
  const { report } = await furtherOn(decompositionViews, madeRun(made));
  expect(unobservable(report)).toEqual([]);
  return report;
};

describe("views of model M", async () => {
  const { model, runs } = await runsOfM({ facts: 5, frames: 2 });
  afterAll(() => model.session.close());
  const { report, arrays } = await furtherOn(decompositionViews, runs[0]!.context);

  it("say what they looked at", () => {
    expect(report).toMatchObject({
      ...{ layers: [0, 1], layersFrom: "TOP_HEAD", headlineLayer: 0 },
      ...{ facts: 5, prompts: 10, frames: 2, centred: true },
    });
    // 5 sets x (P1, P2, P3 raw + P1 ln), R2 and R4 under ln at the headline layer only.
    expect(report.fits).toHaveLength(2 * 5 * 4 - 2);
  });

  it("find that MLP0 halves the mover in R1 to R3, and cannot judge constant heads", () => {
    const { weights, constant, rank, r2Within } = fitOf(report, "R1");
    expect(weights[0]).toMatchObject({ regressor: "L0H0", identifiable: true });
    expect(weights[0]!.weight).toBeCloseTo(-0.5, 5);
    expect(constant).toEqual(["L0H1", "L0H2"]);
    expect(weights[1]).toMatchObject({ weight: null, identifiable: false, verdict: "not identifiable" });
    expect(rank).toBe(1);
    expect(r2Within).toBeCloseTo(1 / 26, 6);
    const weight = arrays.find(({ name }) => name === "decomposition-views.R2.P1.raw.weight")!;
    expect(weight.axes[1]!.labels.slice(0, 3)).toEqual(["L0H0", "L0H1", "L0H2"]);
    expect(weight.values[0]).toBeCloseTo(-0.5, 5);
    expect(weight.values[1]).toBeNaN();
    // 5 facts: no head is a mover, so the mover stands in the rest.
    expect(fitOf(report, "R3").weights.find(({ regressor }) => regressor === "rest")!.weight).toBeCloseTo(
      -0.5,
      5,
    );
  });

  it("give the intercept .675 on the task's answers, in sample, and nothing on a fact that it has not seen", () => {
    const { typeGain, parts } = fitOf(report, "R1");
    expect(typeGain!.intercept.value).toBeCloseTo(0.9 - 4.5 / 20, 5);
    expect(typeGain!.mean.value).toBeCloseTo(0.9 - 3.6 / 20, 5);
    expect(typeGain!.interceptOverMean.value).toBeCloseTo(-0.045, 5);
    // Without fact f the intercept is 4.5 / 4 on the four other answers: M looks facts up, no task vector helps a new one.
    expect(typeGain!.interceptHeldOut.value).toBeCloseTo(-4.5 / 20, 5);
    expect(typeGain!.meanHeldOut.value).toBeCloseTo(-3.6 / 20, 5);
    expect(typeGain!.intercept).toMatchObject({ low: null, reason: "fewer than 8 facts give no interval" });
    // T2: b tells no answer from the others; the residual does.
    expect(parts.intercept.candidate.value).toBeCloseTo(0, 6);
    expect(parts.residual.candidate.value).toBeCloseTo(4.5, 5);
    expect(parts.mlp.candidate.value).toBeCloseTo(4.5, 5);
    expect(parts.intercept.centred.value).toBeCloseTo(0.675, 5);
  });

  it("have no P2 where nothing varies between the prompts of a fact", () => {
    const fit = fitOf(report, "R1", "P2");
    expect(fit.weights[0]!.weight).toBeNull();
    expect(fit.reason).toBe("the MLP's output does not vary over any fact's prompts");
    // Then b_f is all of m, and it is specific.
    expect(fit.parts.intercept.candidate.value).toBeCloseTo(4.5, 5);
  });

  it("see -.5 in P3 and under ln too", () => {
    expect(fitOf(report, "R1", "P1", "ln").weights[0]!.weight).toBeCloseTo(-0.5, 4);
    // Per prompt: m = 4.5 ans - .9 arg against 1.8 arg, and the scale of the ballast centres nothing.
    expect(fitOf(report, "R1", "P3").weights[0]!.weight).toBeCloseTo(-0.5, 4);
    expect(report.heads.find(({ head, regressors }) => head === "L0H0" && regressors === "R1")).toMatchObject(
      {
        p2: null,
        agreeing: 2,
        holds: true,
      },
    );
  });

  it("hold T1 and T2 to rounding", () => {
    expect(report.identities.emptyRegressors).toBeLessThan(1e-9);
    expect(report.identities.specificity).toBeLessThan(1e-9);
  });

  it("shuffle regressors over facts: the mover's weight is one of a kind, the constant heads have none", () => {
    const shuffled = report.shuffled.find(({ layer, regressors }) => layer === 0 && regressors === "R1")!;
    expect(shuffled.weights[0]!.weight).toBeCloseTo(-0.5, 5);
    // 1 of 120 orders of 5 facts is the true one, and only a fact's own argument has a product with its MLP output.
    expect(shuffled.pValue!).toBeLessThan(0.04);
    expect(shuffled.weights[1]).toMatchObject({ regressor: "L0H1", weight: null, pValue: null });
  });
});

describe("a linear MLP (S3)", async () => {
  const w = [1.5, -1, 0, -0.5];
  const b = [1, -1, 0.5, 2, 0, 0, 3, -2];
  const normal = normals("S3");
  const x = () => w.map(() => b.map(() => normal()));
  const made = grid(12, 3, () => {
    const heads = x();
    return { heads, mlp: combined(heads, w, b) };
  });
  const report = await viewsOf({ prompts: made, movers: ["L0H0", "L0H3"] });

  it.each(["P1", "P2"] as const)("is recovered by %s", (pooling) => {
    const { weights, r2Within } = fitOf(report, "R1", pooling);
    for (const [k, own] of weights.entries()) expect(own.weight).toBeCloseTo(w[k]!, 5);
    expect(r2Within).toBeCloseTo(1, 6);
  });

  it("is found per prompt up to what a scalar intercept cannot hold", () => {
    const { weights, r2Within } = fitOf(report, "R1", "P3");
    for (const [k, own] of weights.entries()) expect(Math.abs(own.weight! - w[k]!)).toBeLessThan(1);
    expect(r2Within!).toBeLessThan(1);
  });

  it("predicts held-out facts and held-out frames", () => {
    const { r2HeldOutFacts, r2HeldOutFrames } = fitOf(report, "R1");
    expect(r2HeldOutFacts).toMatchObject({ folds: 25 });
    expect(r2HeldOutFacts.mean).toBeCloseTo(1, 6);
    expect(r2HeldOutFrames).toMatchObject({ folds: 3 });
    expect(r2HeldOutFrames.mean).toBeCloseTo(1, 6);
  });

  it("gives the movers their own weights in R3 and the others one together", () => {
    const weights = Object.fromEntries(fitOf(report, "R3").weights.map((own) => [own.regressor, own.weight]));
    expect(Object.keys(weights)).toEqual(["L0H0", "L0H3", "rest", "embedding"]);
    expect(weights.L0H0).toBeCloseTo(1.5, 0);
    // -1 and 0 in one sum.
    expect(Math.abs(weights.rest! + 0.5)).toBeLessThan(0.25);
    expect(weights.embedding).toBeNull();
  });
});

it("labels amplified, erased, untouched and damped heads in all poolings", async () => {
  const w = [1.5, -1, 0, -0.5];
  const normal = normals("labels");
  const made = grid(24, 3, () => {
    const heads = w.map(() => Array.from({ length: 16 }, normal));
    return { heads, mlp: combined(heads, w, new Array(16).fill(1), () => 0.3 * normal()) };
  });
  const report = await viewsOf({ prompts: made });
  for (const pooling of ["P1", "P2", "P3"] as const)
    expect(
      fitOf(report, "R1", pooling).weights.map(({ verdict }) => verdict),
      pooling,
    ).toEqual(["amplified", "erased", "no evidence", "damped"]);
  expect(
    report.heads.filter(({ regressors, holds }) => regressors === "R1" && holds).length,
  ).toBeGreaterThanOrEqual(3);
});

describe("degenerate regressors (S4)", () => {
  const normal = normals("S4");
  const b = [1, 0, -1, 2, 0, 0];
  const random = () => b.map(() => normal());

  it("puts a constant head into the intercept", async () => {
    const constant = [3, 0, 0, 0, 0, 0];
    const prompts = grid(12, 2, () => {
      const heads = [random(), random(), random(), constant];
      return { heads, mlp: combined(heads, [1.5, -1, 0.5, 2], b) };
    });
    const report = await viewsOf({ prompts });
    const fit = fitOf(report, "R1");
    expect(fit).toMatchObject({ rank: 3, constant: ["L0H3"] });
    // b + 2 x_4 on coordinate 0 is 7; centred over 12 tokens, of which the first 6 are read along coordinates.
    const total = 1 + 6 - 1 + 2;
    expect(fit.typeGain!.intercept.value).toBeCloseTo((total - (12 * total) / 12) / 12, 5);
    const [first] = fit.weights;
    expect(first!.weight).toBeCloseTo(1.5, 5);
  });

  it("tells collinear heads only by their sum, not by the share that the penalty gives each", async () => {
    const prompts = grid(12, 2, () => {
      const x = random();
      const heads = [x, x.map((value) => 2 * value), random()];
      return { heads, mlp: combined(heads, [1, 0, -1], b) };
    });
    const fit = fitOf(await viewsOf({ prompts }), "R1");
    expect(fit.rank).toBe(2);
    expect(fit.collinear).toHaveLength(1);
    expect(fit.collinear[0]!.regressors).toEqual(["L0H0", "L0H1"]);
    expect(fit.collinear[0]!.total).toBeCloseTo(1, 4);
    // Minimum norm on the standardised scale: (.5, .25), not (.2, .4).
    expect(fit.weights[0]!.weight).toBeCloseTo(0.5, 3);
    expect(fit.weights[1]!.weight).toBeCloseTo(0.25, 3);
    expect(fit.weights.map(({ identifiable }) => identifiable)).toEqual([false, false, true]);
    expect(fit.weights[0]!.verdict).toBe("not identifiable");
    expect(fit.r2Within).toBeCloseTo(1, 5);
  });

  it("finds -1 for an MLP that erases the stream (R5)", async () => {
    const prompts = grid(12, 2, () => {
      const [heads, embedding] = [[random(), random()], random()];
      const mid = embedding.map((value, d) => value + heads[0]![d]! + heads[1]![d]!);
      return { heads, embedding, mlp: combined([mid], [-1], b) };
    });
    const report = await viewsOf({ prompts });
    expect(fitOf(report, "R5").weights).toMatchObject([{ regressor: "resid_mid", verdict: "erased" }]);
    expect(fitOf(report, "R5").weights[0]!.weight).toBeCloseTo(-1, 5);
    // R4 has the embedding as a regressor of its own, R1 and R2 have not.
    expect(fitOf(report, "R4").r2Within).toBeCloseTo(1, 6);
    expect(fitOf(report, "R2").r2Within!).toBeLessThan(0.9);
  });

  it("answers with reasons on a single fact", async () => {
    const prompts = grid(1, 2, () => ({ heads: [random()], mlp: random() }));
    const report = await viewsOf({ prompts });
    const fit = fitOf(report, "R1");
    expect(fit.r2HeldOutFacts).toMatchObject({ mean: null, reason: "one known fact" });
    expect(fit.parts.mlp.candidate).toMatchObject({
      value: null,
      reason: "all known facts have the same answer",
    });
    expect(report.shuffled[0]).toMatchObject({
      pValue: null,
      reason: expect.stringMatching(/one known fact/),
    });
  });
});

it("recovers what the norm's scale hides: ln is exact where the MLP reads x / sigma, raw is not", async () => {
  const normal = normals("ln");
  const prompts = grid(12, 2, () => {
    const heads = [0, 1].map(() => Array.from({ length: 6 }, normal));
    const lnScale = Math.exp(0.5 * normal());
    return { heads, lnScale, mlp: combined(heads, [0.5 / lnScale, -2 / lnScale], [1, 2, 3, 4, 5, 6]) };
  });
  const report = await viewsOf({ prompts });
  const mean = prompts.flat().reduce((sum, { lnScale }) => sum + lnScale!, 0) / 24;
  const ln = fitOf(report, "R1", "P1", "ln");
  expect(ln.r2Within).toBeCloseTo(1, 5);
  expect(fitOf(report, "R1").r2Within!).toBeLessThan(0.95);
  // Per unit of x / sigma times the mean sigma.
  expect(ln.weights[0]!.weight).toBeCloseTo(0.5 / mean, 4);
  expect(ln.weights[1]!.weight).toBeCloseTo(-2 / mean, 4);
  expect(fitOf(report, "R2", "P1", "ln").r2Within).toBeCloseTo(1, 5);
});

it("does not take a difference between facts for what the MLP does within a fact (Simpson's paradox)", async () => {
  const normal = normals("Simpson");
  const direction = Array.from({ length: 6 }, normal);
  const prompts = grid(12, 3, (fact) => {
    const place = (fact - 5.5) / 2;
    const own = Array.from({ length: 6 }, () => 0.3 * normal());
    const x = direction.map((value, d) => place * value + own[d]!);
    // Within a fact -.8 x; between facts + 1.2 x.
    return { heads: [x], mlp: direction.map((value, d) => 1.2 * place * value - 0.8 * own[d]!) };
  });
  const report = await viewsOf({ prompts });
  expect(fitOf(report, "R1", "P1").weights[0]!.verdict).toBe("amplified");
  expect(fitOf(report, "R1", "P2").weights[0]!.weight).toBeCloseTo(-0.8, 5);
  const signs = report.heads.find(({ regressors }) => regressors === "R1")!;
  expect(Math.sign(signs.p1!)).toBe(1);
  expect(Math.sign(signs.p2!)).toBe(-1);
  // Three signs always agree in two places: only P1's own sign counts.
  expect(signs.holds).toBe(signs.agreeing! >= 2);
});

it("finds the answer in b_f of P2, which one b per task cannot hold (T2)", async () => {
  const normal = normals("b_f");
  const facts = 8;
  const prompts = grid(facts, 3, (fact) => {
    const heads = [Array.from({ length: facts }, normal)];
    const own = Array.from({ length: facts }, (_, d) => (d === fact ? 2 : 0));
    return { heads, mlp: combined(heads, [0.5], own) };
  });
  const report = await viewsOf({ prompts });
  expect(fitOf(report, "R1", "P2").parts.intercept.candidate.value).toBeCloseTo(2, 4);
  const { parts } = fitOf(report, "R1", "P1");
  expect(parts.intercept.candidate.value).toBeCloseTo(0, 6);
  expect(
    parts.intercept.candidate.value! + parts.regressors.candidate.value! + parts.residual.candidate.value!,
  ).toBeCloseTo(parts.mlp.candidate.value!, 6);
  expect(parts.residual.candidate.value!).toBeGreaterThan(1.5);
});

it("has T1 and T2 on random data, with unequal numbers of prompts", async () => {
  const normal = normals("T1 T2");
  const prompts = Array.from({ length: 9 }, (_, f) =>
    Array.from({ length: 1 + (f % 3) }, () => ({
      heads: [0, 1, 2].map(() => Array.from({ length: 10 }, normal)),
      mlp: Array.from({ length: 10 }, normal),
    })),
  );
  const report = await viewsOf({ prompts, scale: 2.5 });
  expect(report.identities.emptyRegressors).toBeLessThan(1e-9);
  expect(report.identities.specificity).toBeLessThan(1e-9);
  // Without relation nothing is explained by more than chance.
  const shuffled = report.shuffled.find(({ regressors }) => regressors === "R1")!;
  expect(shuffled.pValue!).toBeGreaterThan(0.05);
  expect(fitOf(report, "R1").r2HeldOutFacts.mean!).toBeLessThan(0.02);
});

it("shuffles to weights around 0 and a p-value of 1 in 1000 where regressors matter", async () => {
  const normal = normals("shuffled");
  const prompts = grid(10, 3, () => {
    const heads = [0, 1].map(() => Array.from({ length: 8 }, normal));
    return { heads, mlp: combined(heads, [0.7, 0], new Array(8).fill(1), normal) };
  });
  const report = await viewsOf({ prompts });
  const shuffled = report.shuffled.find(({ regressors }) => regressors === "R1")!;
  expect(shuffled).toMatchObject({ shuffles: 999, pValue: 1 / 1000 });
  const [strong, none] = shuffled.weights;
  expect(strong!.pValue).toBe(1 / 1000);
  expect(strong!.low!).toBeLessThan(0);
  expect(strong!.high!).toBeGreaterThan(0);
  expect(strong!.high!).toBeLessThan(0.4);
  expect(none!.pValue!).toBeGreaterThan(0.05);
  expect(shuffled.r2Shuffled!.high).toBeLessThan(shuffled.r2Within!);
});

it("has a scalar intercept per prompt in P3, and none of it in the weights", async () => {
  const normal = normals("P3");
  const prompts = grid(4, 2, () => {
    const heads = [Array.from({ length: 8 }, () => 3 + normal())];
    return { heads, mlp: combined(heads, [0.5], new Array(8).fill(7)) };
  });
  const fit = fitOf(await viewsOf({ prompts }), "R1", "P3");
  expect(fit.weights[0]!.weight).toBeCloseTo(0.5, 5);
  expect(fit.r2Within).toBeCloseTo(1, 5);
  // 7 on all 8 coordinates, read along the answer's minus the 8 tokens' mean, of which 4 have a coordinate.
  expect(fit.parts.intercept.centred.value).toBeCloseTo(7 * (1 - 4 / 8), 4);
  expect(fit.parts.residual.centred.value).toBeCloseTo(0, 4);
});

it("does not promise on held-out frames what holds within the frames it has seen", async () => {
  const normal = normals("frames");
  // The head is amplified in frames 0 to 2 and inverted in frame 3.
  const prompts = grid(12, 4, (_, frame) => {
    const heads = [Array.from({ length: 6 }, normal)];
    return { heads, mlp: combined(heads, [frame === 3 ? -2 : 0.5], new Array(6).fill(frame)) };
  });
  const { r2HeldOutFrames, r2HeldOutFacts } = fitOf(await viewsOf({ prompts }), "R1");
  expect(r2HeldOutFrames).toMatchObject({ folds: 4 });
  expect(r2HeldOutFrames.mean!).toBeLessThan(r2HeldOutFacts.mean!);
});
