import { describe, expect, it } from "vitest";
import {
  argumentPeak,
  crossover,
  hasArgumentStage,
  saturation,
  type Track,
} from "../../../src/analyses/function-application/stages.ts";
import { labelTrajectories } from "../../../src/analyses/function-application/trajectory-label.ts";
import type { Estimate } from "../../../src/results/estimate.ts";

/** Logits that fit the ranks unless given. */
const track = (rank: number[], centredLogit: number[] = rank.map((r) => 100 - r)): Track => ({
  rank,
  centredLogit,
});

describe("argument peak", () => {
  it("is the state of the smallest rank, not the last or the first small one", () => {
    expect(argumentPeak(track([900, 40, 3, 12, 60]))).toBe(2);
    expect(argumentPeak(track([7]))).toBe(0);
  });

  it("takes the largest logit of equal ranks: a flat state ranks every token 0", () => {
    expect(argumentPeak(track([0, 0, 1], [0, 1.71, 0.6]))).toBe(1);
    expect(argumentPeak(track([4, 2, 2, 2], [0, 3, 5, 4]))).toBe(2);
  });

  it("takes the first of states that are equal in both", () => {
    expect(argumentPeak(track([5, 2, 2], [0, 3, 3]))).toBe(1);
  });
});

describe("crossover", () => {
  const of = (subject: number[], answer: number[]) => crossover(track(subject), track(answer));

  it("is the first state from which the answer is ahead for good", () => {
    expect(of([500, 3, 20, 60], [900, 80, 4, 0])).toBe(2);
  });

  it("is the last of several crossings, not the first", () => {
    expect(of([10, 5, 2, 30, 40], [20, 3, 6, 8, 0])).toBe(3);
  });

  it("does not count equal ranks as crossed", () => {
    expect(of([10, 3, 3, 9], [50, 3, 3, 1])).toBe(3);
    expect(of([10, 9, 5], [50, 1, 5])).toBeNull();
  });

  it("is null where the subject ends ahead, even if the answer led before", () => {
    expect(of([10, 30, 0], [50, 2, 1])).toBeNull();
    expect(of([3, 2, 1], [9, 8, 7])).toBeNull();
  });

  it("is the first state where the answer was always ahead", () => {
    expect(of([10, 30, 40], [5, 2, 1])).toBe(0);
  });
});

describe("saturation", () => {
  it("is the first state of rank 0 for good, not the first at all", () => {
    expect(saturation(track([9, 0, 4, 0, 0]))).toBe(3);
    expect(saturation(track([9, 4, 2, 1, 0]))).toBe(4);
    expect(saturation(track([0, 0, 0]))).toBe(0);
  });

  it("means the final rank where the answer does not end on top; a better rank on the way is no loss", () => {
    expect(saturation(track([90, 3, 8, 3, 3]))).toBe(3);
    expect(saturation(track([90, 7, 0, 0, 3]))).toBe(2);
    expect(saturation(track([90, 8, 7, 6, 9]))).toBe(1);
  });
});

describe("argument stage", () => {
  const answer = track([900, 800, 30, 0]);

  it("needs the subject high up before the crossover", () => {
    expect(hasArgumentStage(track([700, 20, 40, 90]), answer, 50)).toBe(true);
    expect(hasArgumentStage(track([700, 51, 60, 90]), answer, 50)).toBe(false);
    expect(hasArgumentStage(track([700, 50, 60, 90]), answer, 50)).toBe(true);
  });

  it("does not hold when the subject peaks at or after the crossover", () => {
    // Crossover at state 2, peak at state 2.
    expect(hasArgumentStage(track([700, 45, 40, 90]), answer, 50)).toBe(false);
    expect(hasArgumentStage(track([700, 45, 60, 5]), answer, 50)).toBe(false);
  });

  it("does not hold without a crossover, or with one at the first state", () => {
    expect(hasArgumentStage(track([700, 1, 1, 0]), track([900, 800, 30, 0]), 50)).toBe(false);
    expect(hasArgumentStage(track([40, 50, 60]), track([5, 5, 5]), 50)).toBe(false);
  });

  it("does not take a flat state for one", () => {
    expect(hasArgumentStage(track([0, 9, 9], [0, -1, -1]), track([0, 0, 0]), 50)).toBe(false);
    expect(hasArgumentStage(track([0, 9, 9], [0.1, -1, -1]), track([0, 0, 0]), 50)).toBe(true);
  });
});

describe("label of a task", () => {
  const between = (low: number, high: number): Estimate => ({ value: (low + high) / 2, low, high, n: 20 });
  const base = {
    signature: between(0.7, 0.9),
    signatureGain: between(0.4, 0.8),
    attentionRise: between(1, 2),
    attentionLead: between(0.5, 1.5),
  };
  const label = (changes: Partial<typeof base>, facts = 20) =>
    labelTrajectories({ ...base, ...changes }, facts);

  it("is argument-function only where the own subject beats the donor's", () => {
    expect(label({})).toEqual({ label: "argument-function" });
    expect(label({ signatureGain: between(-0.1, 0.3) }).label).toBe("not observed");
    expect(
      label({ signatureGain: { value: null, low: null, high: null, n: 0, reason: "no donor" } }),
    ).toEqual({
      label: "not observed",
      reason: "no donor",
    });
  });

  it("is attribute extraction only where the answer rises by heads and hardly any prompt has an argument stage", () => {
    const without = { signature: between(0, 0.2) };
    expect(label(without)).toEqual({ label: "attribute extraction by heads" });
    expect(label({ ...without, attentionLead: between(-0.2, 0.4) }).label).toBe("not observed");
    expect(label({ ...without, attentionRise: between(-1, 0.4) }).label).toBe("not observed");
    expect(label({ signature: between(0.3, 0.6) })).toMatchObject({
      label: "not observed",
      reason: expect.stringContaining("to tell"),
    });
  });

  it("is not given on fewer than 8 facts", () => {
    expect(label({}, 7)).toMatchObject({ label: "not observed", reason: expect.stringContaining("7 facts") });
  });
});
