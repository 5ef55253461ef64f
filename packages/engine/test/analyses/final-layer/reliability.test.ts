import { describe, expect, it } from "vitest";
import {
  calibrationError,
  reliability,
  type TopToken,
} from "../../../src/analyses/final-layer/reliability.ts";
import { FactBootstrap } from "../../../src/math/fact-bootstrap.ts";

const top = (confidence: number, right: 0 | 1): TopToken => ({ confidence, right });

describe("reliability of four facts, by hand", () => {
  // Bin 0.2-0.3: 0.2 right, 0.25 wrong, 0.29 right. Bin 0.9-1: 0.9 wrong, 1 right. Bin 0.5-0.6: 0.5 right. One fact has no prompt.
  const facts = [[top(0.2, 1), top(0.9, 0)], [top(0.25, 0), top(0.29, 1)], [top(1, 1), top(0.5, 1)], []];
  const bootstrap = new FactBootstrap(4, 2000, "reliability");
  const bins = reliability(facts, bootstrap);

  it("puts each prompt in one of ten bins: a bin holds its lower bound, the last one also 1", () => {
    expect(bins.map(({ prompts }) => prompts)).toEqual([0, 0, 3, 0, 0, 1, 0, 0, 0, 2]);
    expect(bins.map(({ low, high }) => [low, high])).toEqual(
      Array.from({ length: 10 }, (_, bin) => [bin / 10, (bin + 1) / 10]),
    );
  });

  it("gives of each the mean probability, the share right, and how many facts are behind them", () => {
    expect(bins[2]!.confidence.value).toBeCloseTo(0.74 / 3, 12);
    expect(bins[2]!.right).toMatchObject({ n: 2 });
    expect(bins[2]!.right.value).toBeCloseTo(2 / 3, 12);
    expect(bins[9]!.confidence.value).toBeCloseTo(0.95, 12);
    expect(bins[9]!.right).toMatchObject({ value: 0.5, n: 2 });
  });

  it("draws facts for intervals: what holds of one fact alone, of the other alone, or of both", () => {
    // Right in bin 0.2-0.3: fact 0 alone 1, fact 1 alone 1/2.
    expect(bins[2]!.right).toMatchObject({ low: 0.5, high: 1 });
    expect(bins[9]!.right).toMatchObject({ low: 0, high: 1 });
    expect(bins[5]!.right).toEqual({
      value: 1,
      low: null,
      high: null,
      n: 1,
      reason: "one fact gives no interval",
    });
  });

  it("is not a number where no prompt is", () => {
    expect(bins[0]).toMatchObject({
      prompts: 0,
      right: { value: null, n: 0, reason: "no prompt's top token has such a probability" },
      confidence: { value: null, n: 0 },
    });
  });

  it("gives the expected calibration error: each bin's distance from the diagonal, by its prompts", () => {
    const byBins = bins.reduce(
      (sum, { prompts, right, confidence }) =>
        sum + (prompts / 6) * Math.abs((right.value ?? 0) - (confidence.value ?? 0)),
      0,
    );
    // (|2 - 0.74| + |1 - 0.5| + |1 - 1.9|) / 6
    expect(byBins).toBeCloseTo(2.66 / 6, 12);
    expect(calibrationError(facts, facts, bootstrap)).toMatchObject({
      before: { value: expect.closeTo(2.66 / 6, 12), n: 3 },
      change: { value: 0, low: 0, high: 0 },
    });
  });
});
