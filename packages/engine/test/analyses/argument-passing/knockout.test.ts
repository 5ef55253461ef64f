import { describe, expect, it } from "vitest";
import { attentionKnockout } from "../../../src/analyses/argument-passing/knockout.ts";
import { FactBootstrap } from "../../../src/math/fact-bootstrap.ts";
import type { AttentionKnockoutReport, KnockoutTarget } from "../../../src/results/knockout.ts";
import { buildModelM } from "../../synthetic/model-m-folder.ts";
import { contextOn } from "./on-folder.ts";

const curve = (report: AttentionKnockoutReport, target: KnockoutTarget) =>
  report.curves.find((one) => one.target === target)!;

/** log p of the first of some logits among them and `zeros` tokens of logit 0. */
const logProb = (logits: readonly number[], zeros: number) =>
  logits[0]! - Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0) + zeros);
const CLEAN = logProb([3.4875, 3, 0.9], 17);

describe("knockouts in model M, whose two layers fit in every window", async () => {
  const context = await contextOn(await buildModelM());
  const report = await attentionKnockout.run(context);
  // Without one of the four keys, a head finds its flag with 27 / 29 instead of 27 / 30.
  const seen = 27 / 29;
  const kept = 1 - 0.25 * seen;

  it("starts from the clean run", () => {
    expect(report).toMatchObject({ prompts: 5, facts: 5, radius: 1 });
    expect(report.cleanLogProb.value).toBeCloseTo(CLEAN, 5);
    expect(report.cleanProbability.value).toBeCloseTo(0.4526566, 5);
    expect(report.cleanCandidateLogitDiff.value).toBeCloseTo(3.4875, 4);
  });

  it("loses the answer without the subject: weights are renormalised before, not zeroed after, the softmax", () => {
    for (const window of curve(report, "subject").windows) {
      expect(window).toMatchObject({ from: 0, to: 1 });
      const change = logProb([0, 3], 18) - CLEAN;
      expect(window.logProb.value).toBeCloseTo(change, 4);
      expect(window.relativeLogProb.value).toBeCloseTo(change / Math.abs(CLEAN), 4);
      expect(window.relativeProbability.value).toBeCloseTo(Math.exp(change) - 1, 4);
      expect(window.candidateLogitDiff.value).toBeCloseTo(-3.4875, 4);
    }
  });

  it("keeps a little of both relations without the relation word, as the argument then is 2 x 27/29", () => {
    const gate = 2 * seen - 1.8;
    const y = 5 * gate * kept;
    const [window] = curve(report, "relation").windows;
    expect(window!.logProb.value).toBeCloseTo(logProb([y, y, 2 * seen - 2 * gate, 3], 16) - CLEAN, 4);
    expect(window!.candidateLogitDiff.value).toBeCloseTo(y - 3.4875, 4);
  });

  it("gains without the start token, which is blocked alone", () => {
    const gates = [3 * seen - 1.8, 2 * seen - 1.8] as const;
    const [y, other] = gates.map((gate) => 5 * gate * kept) as [number, number];
    const first = curve(report, "first");
    const change = logProb([y, other, 2 * seen - gates[0] - gates[1], 3], 16) - CLEAN;
    expect(change).toBeGreaterThan(0);
    expect(first.windows[0]!.logProb.value).toBeCloseTo(change, 4);
    expect(first.largestDrop).toMatchObject({
      value: null,
      low: null,
      reason: "no window lowers log p(answer)",
    });
  });

  it("has no curve for positions that no prompt has", () => {
    const { prompts, windows, largestDrop } = curve(report, "rest");
    expect(prompts).toBe(0);
    for (const { logProb, relativeLogProb, relativeProbability, candidateLogitDiff } of windows)
      for (const estimate of [logProb, relativeLogProb, relativeProbability, candidateLogitDiff])
        expect(estimate).toMatchObject({ value: null, reason: "no prompt has other positions" });
    expect(largestDrop).toMatchObject({ value: null, reason: "no prompt has other positions" });
  });

  it("draws the curves it has, and no other", () => {
    const [figure] = attentionKnockout.figures!(report, { layers: 2, headsPerLayer: 3 });
    if (figure?.kind !== "LINES") throw new Error("the first figure is the curves");
    expect(figure.series.map(({ label }) => label)).toEqual(["subject", "relation word", "first position"]);
    expect(figure.ticks).toEqual(["0", "1"]);
    expect(figure.series[0]!.points[1]).toEqual(curve(report, "subject").windows[1]!.logProb);
  });

  it("has no lead over other candidates where there are none", async () => {
    const single = await attentionKnockout.run({
      ...context,
      measured: context.measured.slice(0, 1),
      candidates: [context.facts[0]!.answerToken],
      bootstrap: new FactBootstrap(1, 100, 1),
    });
    expect(curve(single, "subject").windows[0]!.candidateLogitDiff).toMatchObject({
      value: null,
      reason: "a single candidate",
    });
    expect(curve(single, "subject").windows[0]!.logProb.value).not.toBeNull();
    expect(curve(single, "subject").largestDrop).toMatchObject({
      low: null,
      reason: "one fact gives no interval",
    });
  });
});

describe("knockouts by depth", async () => {
  const model = await buildModelM({
    facts: 8,
    change: (blocks, idle) => [...Array.from({ length: 16 }, () => idle), ...blocks, idle, idle],
  });
  const report = await attentionKnockout.run(await contextOn(model));
  const changes = (target: KnockoutTarget) =>
    curve(report, target).windows.map(({ logProb }) => logProb.value!);

  it("reach a tenth of the layers to each side, and no further", () => {
    expect(report.radius).toBe(2);
    expect(curve(report, "subject").windows[0]).toMatchObject({ layer: 0, from: 0, to: 2 });
    expect(curve(report, "subject").windows[10]).toMatchObject({ layer: 10, from: 8, to: 12 });
    expect(curve(report, "subject").windows[19]).toMatchObject({ layer: 19, from: 17, to: 19 });
  });

  it("matter exactly where the window covers the mover in layer 16", () => {
    for (const [layer, change] of changes("subject").entries()) {
      const moved = layer >= 14 && layer <= 18;
      if (moved) expect(change, `layer ${layer}`).toBeLessThan(-2);
      // Suppressor and booster (layer 17) look at the last position a little more when others are hidden.
      else expect(Math.abs(change), `layer ${layer}`).toBeLessThan(layer === 19 ? 0.05 : 1e-5);
    }
  });

  it("have their depth in the middle of the windows that tie, with an interval", () => {
    expect(curve(report, "subject").largestDrop).toMatchObject({ n: 8 });
    const { value, low, high } = curve(report, "subject").largestDrop;
    for (const depth of [value, low, high]) expect(depth).toBeCloseTo(16.5 / 20, 9);
  });
});

describe("knockouts in prompts with a demonstration", async () => {
  const report = await attentionKnockout.run(await contextOn(await buildModelM({ facts: 8 }), { shots: 1 }));

  it("take the demonstration as the rest, not as the subject", () => {
    expect(curve(report, "rest").prompts).toBe(8);
    // Without the demonstration's subject the mover looks at the query's alone.
    expect(curve(report, "rest").windows[0]!.logProb.value).toBeGreaterThan(0);
    expect(curve(report, "subject").windows[0]!.logProb.value).toBeLessThan(0);
  });
});
