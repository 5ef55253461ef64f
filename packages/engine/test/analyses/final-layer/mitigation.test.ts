import { afterAll, describe, expect, it } from "vitest";
import { mitigation } from "../../../src/analyses/final-layer/mitigation.ts";
import { verdictOf } from "../../../src/analyses/final-layer/mitigation-result.ts";
import { neutralText } from "../../../src/analyses/final-layer/neutral-text.ts";
import type { FurtherContext } from "../../../src/analyses/further.ts";
import { mitigationFigures } from "../../../src/figures/final-layer.ts";
import type { Estimate } from "../../../src/results/estimate.ts";
import type { MitigationReport, MitigationTarget } from "../../../src/results/mitigation.ts";
import { measuredM, near, probability, withUnknown } from "./known-models.ts";

const result = (report: MitigationReport, target: MitigationTarget) =>
  report.targets.find((one) => one.target === target)!;
const at = (report: MitigationReport, target: MitigationTarget, alpha: number) =>
  result(report, target).points.find((point) => point.alpha === alpha)!;

describe("mitigation of model M (5 facts, 20 tokens)", async () => {
  const { context, close } = await measuredM();
  const report = await mitigation.run(context);
  afterAll(close);

  it("gives the exact curves: heads and MLP apart, not both at once", () => {
    const expected = {
      HEADS: [0.694779, 0.578424, 0.452657, 0.332657],
      MLP: [0.615158, 0.577348, 0.452657, 0.230018],
    } as const;
    for (const [target, values] of Object.entries(expected)) {
      for (const [i, alpha] of [0, 0.5, 1, 1.5].entries())
        near(at(report, target as MitigationTarget, alpha).probability.value, values[i]!, 1e-5);
    }
    near(at(report, "JOINT", 0).probability.value, 0.8148062, 1e-5);
    for (const point of result(report, "HEADS").points)
      near(point.probability.value, probability([4.5 - 1.0125 * point.alpha, 3, 0.9], 20), 1e-5);
  });

  it("chooses alpha 0 on both, and reports it on the test facts alone", () => {
    expect(report).toMatchObject({ trainFacts: 2, testFacts: 3, unknownFacts: 0, sufficient: false });
    for (const target of ["HEADS", "MLP", "JOINT"] as const) {
      const { bestAlpha, test } = result(report, target);
      expect(bestAlpha).toBe(0);
      expect(test.logProb.change.n).toBe(3);
      near(test.probability.before.value, 0.4526566, 1e-5);
      near(test.logProb.change.value, test.logProb.after.value! - test.logProb.before.value!, 1e-5);
    }
    near(result(report, "HEADS").test.probability.after.value, 0.694779, 1e-5);
    near(result(report, "HEADS").test.probability.change.value, 0.694779 - 0.4526566, 1e-5);
  });

  it("is measured beside the temperature chosen on the same train facts", () => {
    const { best, range, test } = report.temperature;
    expect(range).toEqual([0.25, 4]);
    near(best, 0.25, 0.01);
    const cold = probability(
      [3.4875, 3, 0.9].map((x) => x / best!),
      20,
    );
    near(test.probability.after.value, cold);
    near(result(report, "HEADS").overTemperature.value, Math.log(0.694779 / cold));
    expect(test.rank.change).toMatchObject({ value: 0, low: 0, high: 0 });
  });

  it("takes the MLP's push along log f out, which here is the MLP", () => {
    // log f is not quite 1 on "the" and 0 elsewhere (subjects follow a relation), so neither is the direction.
    near(at(report, "PROJECT_OUT", 0).probability.value, 0.615158, 0.01);
    near(at(report, "PROJECT_OUT", 1).probability.value, 0.4526566, 1e-5);
    expect(at(report, "PROJECT_OUT", 0.5).probability.value).toBeLessThan(
      at(report, "PROJECT_OUT", 0).probability.value!,
    );
  });

  it("names no suppressor and gives no verdict with fewer than 8 facts to choose or judge on", () => {
    expect(report.suppressors).toEqual([]);
    expect(result(report, "SUPPRESSORS")).toMatchObject({
      reason: expect.stringContaining("fewer than 8"),
      points: [],
      bestAlpha: null,
    });
    expect(report.targets.map(({ verdict }) => verdict)).toEqual(new Array(5).fill("INCONCLUSIVE"));
  });

  it("says why guards were not measured", () => {
    const { guards } = result(report, "HEADS");
    expect(guards.neutralLogProb).toMatchObject({ value: null, reason: expect.stringContaining("neutral") });
    expect(guards.selectivity).toMatchObject({ value: null, reason: expect.stringContaining("knows every") });
  });

  it("has nothing to choose on with one fact, and numbers all the same", async () => {
    const one = await mitigation.run({ ...withUnknown(context, 4), unknown: [] });
    expect(one).toMatchObject({ trainFacts: 0, testFacts: 1 });
    const heads = result(one, "HEADS");
    expect(heads).toMatchObject({ bestAlpha: null, verdict: "INCONCLUSIVE" });
    near(at(one, "HEADS", 0).probability.value, 0.694779, 1e-5);
    for (const estimate of [heads.overTemperature, heads.test.rank.change, one.temperature.guards.knownTop])
      expect(estimate).toMatchObject({ value: null, reason: "no train facts to choose on" });
  });
});

describe("mitigation of model M with 18 facts (59 tokens)", async () => {
  const V = 59;
  const { context, close } = await measuredM({ facts: 18 });
  const report = await mitigation.run(context);
  afterAll(close);

  it("finds the suppressor on train facts and scales it alone: logit 5.5125 without it", () => {
    expect(report.suppressors).toEqual(["L1H0"]);
    const { bestAlpha, test } = result(report, "SUPPRESSORS");
    expect(bestAlpha).toBe(0);
    near(test.probability.after.value, probability([5.5125, 3, 0.9], V), 1e-5);
    near(at(report, "SUPPRESSORS", 1.5).probability.value, probability([3.4875 - 1.0125, 3, 0.9], V), 1e-5);
  });

  it("calls what a temperature does as well a mere change of confidence", () => {
    for (const target of ["HEADS", "MLP", "JOINT"] as const) {
      const { test, overTemperature, verdict } = result(report, target);
      expect(test.logProb.change.low).toBeGreaterThan(0);
      expect(overTemperature.high).toBeLessThan(0);
      expect(verdict).toBe("ONLY_RESCALES_CONFIDENCE");
    }
  });
});

describe("mitigation where a frequent token stands above the answer", async () => {
  const V = 59;
  const { context, close } = await measuredM({
    facts: 18,
    change: ([first, last]) => [first!, { ...last!, neurons: [{ in: {}, bias: 1, out: { the: 5 } }] }],
  });
  const report = await mitigation.run(context);
  afterAll(close);

  it("is observed, since no temperature changes a rank", () => {
    const { test, verdict, overTemperature } = result(report, "SUPPRESSORS");
    expect(test.rank).toMatchObject({ before: { value: 1 }, after: { value: 0 }, change: { value: -1 } });
    expect(test.top1).toMatchObject({ before: { value: 0 }, after: { value: 1 } });
    expect(overTemperature.low).toBeGreaterThan(0);
    expect(verdict).toBe("OBSERVED");
    expect(report.temperature.test.rank.change).toMatchObject({ value: 0 });
    near(test.probability.after.value, probability([5.5125, 5, 0.9], V), 1e-5);
  });

  it("is measured for its selectivity and calibration on facts that are not known", async () => {
    // Two facts whose prompts say nothing: their prediction is not touched by the heads, and never right.
    const split = withUnknown(context, 2);
    const mute: FurtherContext = {
      ...split,
      unknown: split.unknown.map((fact) => ({
        ...fact,
        prompts: fact.prompts.map((prompt) => ({ ...prompt, tokens: [0] })),
      })),
    };
    const with2 = await mitigation.run(mute);
    expect(with2).toMatchObject({ trainFacts: 8, testFacts: 8, unknownFacts: 2 });
    const { guards, bestAlpha } = result(with2, "SUPPRESSORS");
    expect(bestAlpha).toBe(0);
    const before = probability([5, 3.4875, 0.9], V);
    const after = probability([5.5125, 5, 0.9], V);
    near(guards.knownTop.value, after - before, 1e-5);
    near(guards.unknownTop.value, 0, 1e-6);
    near(guards.selectivity.value, after - before, 1e-5);
    expect(guards.selectivity.n).toBe(10);
    const mutes = probability([5], V);
    // Every top token was "the" and wrong; then the eight known answers are right.
    near(guards.calibrationError.before.value, (8 * before + 2 * mutes) / 10, 1e-5);
    near(guards.calibrationError.after.value, (8 * (1 - after) + 2 * mutes) / 10, 1e-5);
    near(guards.calibrationError.change.value, (8 * (1 - after) - 8 * before) / 10, 1e-5);
    // Its figure shows them beside each other, with the temperature.
    const drawn = mitigationFigures(with2).find(({ id }) => id === "calibration")!;
    const bars = drawn.kind === "BARS" ? drawn.bars : [];
    near(
      bars.find(({ label }) => label === "model as it is")!.estimate.value,
      (8 * before + 2 * mutes) / 10,
      1e-5,
    );
    near(
      bars.find(({ label }) => label === "suppressors, alpha 0")!.estimate.value,
      (8 * (1 - after) + 2 * mutes) / 10,
      1e-5,
    );
    // Bins by hand: the eight known answers at one probability, the two mute prompts at another.
    const binAt = (p: number) => with2.reliability!.findIndex(({ low, high }) => p >= low && p < high);
    expect(with2.reliability!.map(({ prompts }) => prompts)).toEqual(
      Array.from(
        { length: 10 },
        (_, bin) => (bin === binAt(before) ? 8 : 0) + (bin === binAt(mutes) ? 2 : 0),
      ),
    );
    const healed = guards.reliability![binAt(after)]!;
    expect(healed).toMatchObject({ prompts: 8, right: { value: 1, low: 1, high: 1, n: 8 } });
    near(healed.confidence.value, after, 1e-5);
    const curves = mitigationFigures(with2).find(({ id }) => id === "reliability")!;
    expect(curves.kind === "RELIABILITY" && curves.curves.map(({ label }) => label)).toEqual([
      "model as it is",
      ...bars.slice(1).map(({ label }) => label),
    ]);
    expect(bars.at(-1)!.label).toMatch(/^temperature /);
    // The MLP is what puts "the" first everywhere: damping it is not selective.
    const mlp = result(with2, "MLP");
    expect(mlp.bestAlpha).toBe(0);
    near(mlp.guards.unknownTop.value, 1 / V - mutes, 1e-5);
  });
});

describe("mitigation and neutral text", async () => {
  const sentence = "She put the keys on the table and closed the door.";
  const words = [...new Set(sentence.split(" "))].filter((word) => word !== "the");
  const { context, model, close } = await measuredM({ facts: 18, words });
  const V = 59 + words.length;
  const report = await mitigation.run(context);
  afterAll(close);

  it("is charged what it costs there per token, from the second token to the last", () => {
    const { sentences, skipped } = neutralText(context.tokenizer, context.model.positions);
    expect(sentences).toHaveLength(1);
    expect(skipped).toBeGreaterThanOrEqual(63);
    const tokens = sentences[0]!;
    expect(tokens[0]).toBe(model.token.bos);
    expect(report.neutral).toEqual({ sentences: 1, tokens: 11 });
    // Words of neutral text embed to nothing, so "the" has 3 and everything else 0, at every position.
    const the = tokens.filter((token) => token === model.token.the).length;
    const before = (3 * the) / 11 - Math.log(Math.exp(3) + V - 1);
    near(result(report, "MLP").guards.neutralLogProb.value, -Math.log(V) - before, 1e-5);
    near(result(report, "HEADS").guards.neutralLogProb.value, 0, 1e-6);
    const T = report.temperature.best!;
    const heated = (3 * the) / T / 11 - Math.log(Math.exp(3 / T) + V - 1);
    near(report.temperature.guards.neutralLogProb.value, heated - before);
  });
});

describe("mitigation of an empty last layer", async () => {
  const { context, close } = await measuredM({ facts: 16, change: (blocks, idle) => [...blocks, idle] });
  const report = await mitigation.run(context);
  afterAll(close);

  it("is not observed: all alphas are alike, and the tie goes to no change", () => {
    for (const target of ["HEADS", "MLP", "JOINT"] as const)
      expect(result(report, target)).toMatchObject({ bestAlpha: 1, verdict: "NOT_OBSERVED" });
    expect(result(report, "SUPPRESSORS").reason).toContain("no head");
  });
});

describe("verdict on a mitigation", () => {
  const of = (low: number, high: number): Estimate => ({ value: (low + high) / 2, low, high, n: 9 });
  const zero = of(0, 0);
  const judge = (bestAlpha: number, gain: Estimate, over: Estimate, rank = zero, facts = 20) => {
    const changed = (change: Estimate) => ({ before: zero, after: zero, change });
    const test = {
      probability: changed(zero),
      logProb: changed(gain),
      rank: changed(rank),
      top1: changed(zero),
      candidateTop1: changed(zero),
    };
    return verdictOf({ bestAlpha, test, overTemperature: over }, facts);
  };

  it.each([
    ["OBSERVED", judge(0.5, of(0.1, 0.3), of(0.05, 0.2))],
    ["OBSERVED", judge(0.5, of(0.1, 0.3), of(-0.2, 0.2), of(-3, -1))],
    ["ONLY_RESCALES_CONFIDENCE", judge(0.5, of(0.1, 0.3), of(-0.2, 0.2))],
    ["ONLY_RESCALES_CONFIDENCE", judge(0.5, of(0.1, 0.3), of(-0.2, 0.2), of(-3, 1))],
    ["NOT_OBSERVED", judge(1.2, of(0.1, 0.3), of(0.05, 0.2))],
    ["NOT_OBSERVED", judge(0.9, of(-0.04, 0.04), of(0.05, 0.2))],
    ["NOT_OBSERVED", judge(0.5, of(-0.3, -0.1), of(0.05, 0.2))],
    ["INCONCLUSIVE", judge(0.5, of(-0.1, 0.3), of(0.05, 0.2))],
    ["INCONCLUSIVE", judge(0.5, of(0.1, 0.3), of(0.05, 0.2), zero, 7)],
  ])("is %s", (expected, verdict) => {
    expect(verdict).toBe(expected);
  });
});
