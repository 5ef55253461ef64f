import { afterAll, describe, expect, it } from "vitest";
import { surrogates } from "../../../src/analyses/mlp-activation/surrogates.ts";
import { FactBootstrap } from "../../../src/math/fact-bootstrap.ts";
import { furtherOn, runsOfM, unobservable } from "./run-on.ts";

describe("surrogates on model M", async () => {
  const { model, runs } = await runsOfM({ facts: 5 });
  afterAll(() => model.session.close());
  const { context } = runs[0]!;
  const { report } = await furtherOn(surrogates, context);
  const [layer] = report.layers;
  const fit = layer!.fits.find(({ regressors }) => regressors === "R1")!;
  const of = (name: string) => fit.surrogates.find(({ surrogate }) => surrogate === name)!;

  it("looks at the headline layer and the first MLP after the mover, here the same", () => {
    expect(report).toMatchObject({ prompts: 5, facts: 5 });
    expect(report.layers).toHaveLength(1);
    expect(unobservable(report)).toEqual([]);
    expect(layer).toMatchObject({ layer: 0, chosen: ["HEADLINE", "AFTER_TOP_MOVER"] });
    // 3.4875 minus the mean of 20 logits, of which "the" has 3 and the subject .9.
    expect(layer!.clean.centred.value).toBeCloseTo(3.4875 - (3.4875 + 3 + 0.9) / 20, 4);
    expect(layer!.clean.candidate.value).toBeCloseTo(3.4875, 4);
  });

  it("gives back the model when m is replaced by Xw + b + e, not by Xw + b", () => {
    expect(layer!.exactError).toBeLessThan(1e-4);
    expect(of("XW_B_E").faithfulness.candidate.value).toBeCloseTo(1, 5);
    // The answer comes from e alone: the fit's own part says nothing of it.
    expect(of("XW_B").faithfulness.candidate.value).toBeCloseTo(0, 5);
    expect(of("MEAN").faithfulness.centred.value).toBeCloseTo(0, 6);
    expect(of("XW_B").metric.centred.value).toBeCloseTo(of("MEAN").metric.centred.value!, 4);
    expect(of("XW").metric.centred.value).toBeCloseTo(-(3 + 0.9) / 20, 4);
    // b alone: every candidate gets .9 x .775, and the subject's token keeps all 1.8 of the head.
    expect(of("B").metric.centred.value).toBeCloseTo(0.6975 - (5 * 0.6975 + 3 + 1.8) / 20, 4);
    expect(of("ZERO").metric.centred.value).toBeCloseTo(-(3 + 1.8) / 20, 4);
  });

  it("loses .6975 on every candidate with the intercept, so that none is told from the others", () => {
    const [intercept, mean] = fit.removals;
    expect(intercept!.drop.centred.value).toBeCloseTo(0.6975 * (1 - 5 / 20), 4);
    expect(intercept!.drop.candidate.value).toBeCloseTo(0, 4);
    // The mean MLP output also takes .18 from each subject's token.
    expect(mean!.drop.centred.value).toBeCloseTo(0.6975 - (5 * 0.6975 - 5 * 0.18) / 20, 4);
  });

  it("has random vectors to compare the intercept with, on the answers and never all of them alike", () => {
    const { centred, candidate } = fit.random;
    expect(centred).toMatchObject({ draws: 20 });
    expect(centred.intercept).toBeCloseTo(0.6975 * 0.75, 4);
    // Over facts with the covariance of m about its mean, random vectors cancel: on the mean over all facts they do nothing.
    expect(Math.abs(centred.mean!)).toBeLessThan(1e-4);
    expect(centred).toMatchObject({ z: null, reason: "random vectors change nothing" });
    expect(candidate.z).toBeNull();
  });

  it("sees that regression weights are no derivatives", () => {
    const [mover, relation, idle] = layer!.weightCheck.heads;
    expect(mover).toMatchObject({ head: "L0H0" });
    expect(mover!.weightR1).toBeCloseTo(-0.5, 5);
    expect(mover!.down.value).toBeCloseTo(-1, 4);
    // Above 1.8 the other relation's gate opens too: the derivative has a kink right here.
    expect(mover!.up.value).toBeCloseTo(-2, 4);
    expect(mover!.derivative.value).toBeCloseTo(-1.5, 4);
    expect(relation!.derivative.value).toBeCloseTo(0, 4);
    expect(idle!.derivative).toMatchObject({
      value: null,
      reason: "the head writes nothing at the last position",
    });
    expect(layer!.weightCheck.slope[0]).toEqual({
      regressors: "R1",
      slope: null,
      correlation: null,
      heads: 1,
    });
  });

  it("says why it has nothing where no layer was chosen", async () => {
    const nothing = {
      ...context.report,
      mlpActivation: { ...context.report.mlpActivation, headlineLayer: null },
      argumentPassing: { ...context.report.argumentPassing, heads: [] },
    };
    const { report: empty } = await furtherOn(surrogates, { ...context, report: nothing });
    expect(empty.layers).toEqual([]);
    expect(empty.reason).toMatch(/neither a headline layer/);
  });
});

it("finds the derivative -1 of model M with one relation from both sides", async () => {
  const { model, runs } = await runsOfM({ facts: 5, relations: 1 });
  const { report } = await furtherOn(surrogates, runs[0]!.context);
  const [mover] = report.layers[0]!.weightCheck.heads;
  for (const side of ["derivative", "up", "down"] as const) expect(mover![side].value).toBeCloseTo(-1, 4);
  expect(mover!.weightR1).toBeCloseTo(-0.5, 5);
  await model.session.close();
});

it("answers with typed nulls on a single known fact", async () => {
  const { model, runs } = await runsOfM({ facts: 5 });
  const { context } = runs[0]!;
  const one = { ...context, measured: context.measured.slice(0, 1), bootstrap: new FactBootstrap(1, 200, 1) };
  const { report } = await furtherOn(surrogates, one);
  expect(unobservable(report)).toEqual([]);
  expect(report.layers[0]!.fits[0]!.random.centred).toMatchObject({ draws: 0, z: null });
  expect(report.layers[0]!.clean.centred).toMatchObject({ low: null, reason: "one fact gives no interval" });
  // The mean over one prompt is that prompt: there is nothing to be faithful to.
  expect(report.layers[0]!.fits[0]!.surrogates[0]!.faithfulness.centred.value).toBeNull();
  await model.session.close();
});
