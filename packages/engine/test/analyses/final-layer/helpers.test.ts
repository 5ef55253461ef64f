import { describe, expect, it } from "vitest";
import { slopeDirection } from "../../../src/analyses/final-layer/copy-slope.ts";
import { neutralText } from "../../../src/analyses/final-layer/neutral-text.ts";
import { commonSpearman } from "../../../src/analyses/final-layer/rank-correlation.ts";
import { tinyTokenizer } from "../../tasks/tiny-tokenizer.ts";

describe("copy-suppression slope", () => {
  /** Ordinary least squares of y on x with intercept. */
  const leastSquares = (x: readonly number[], y: readonly number[]) => {
    const [mx, my] = [x, y].map((values) => values.reduce((a, b) => a + b) / values.length) as [
      number,
      number,
    ];
    const cross = x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0);
    return cross / x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
  };
  const lens = [4.5, 1, 0, -2];
  const directions = Float32Array.of(1, 0, 0, 1, 2, 2, -1, 3);

  it("is the least-squares slope with intercept, linear in what is written", () => {
    const slope = slopeDirection(lens, directions, 2)!;
    for (const x of [
      [1, 0],
      [0, 1],
      [-3, 0.5],
    ] as const) {
      const written = lens.map((_, t) => x[0] * directions[2 * t]! + x[1] * directions[2 * t + 1]!);
      expect(x[0] * slope[0]! + x[1] * slope[1]!).toBeCloseTo(leastSquares(lens, written), 5);
    }
  });

  it("does not depend on a constant added to all logits: centred or raw is the same", () => {
    expect(
      slopeDirection(
        lens.map((x) => x + 7),
        directions,
        2,
      ),
    ).toEqual(slopeDirection(lens, directions, 2));
  });

  it("is none where the lens says the same of all tokens", () => {
    expect(slopeDirection([2, 2, 2, 2], directions, 2)).toBeNull();
  });
});

describe("Spearman's correlation", () => {
  it("sees any rising relation as 1 and any falling one as -1", () => {
    const x = [3, 1, 4, 1.5, 9];
    expect(
      commonSpearman(
        x,
        x.map((v) => v ** 3),
      ).value,
    ).toBeCloseTo(1, 12);
    expect(
      commonSpearman(
        x,
        x.map((v) => -Math.exp(v)),
      ).value,
    ).toBeCloseTo(-1, 12);
  });

  it("gives tied values their mean rank", () => {
    // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: 4.5 / sqrt(4.5 * 5).
    expect(commonSpearman([1, 2, 2, 3], [1, 2, 3, 4]).value).toBeCloseTo(4.5 / Math.sqrt(22.5), 12);
  });

  it("leaves out what one of them does not know", () => {
    const nan = Number.NaN;
    expect(commonSpearman([1, nan, 2, 3, 9], [4, 0, 5, 6, nan])).toEqual({ value: 1, n: 3 });
    expect(commonSpearman([1, nan, nan], [1, 2, 3])).toMatchObject({ value: null, n: 1 });
    expect(commonSpearman([1, 1, 1], [1, 2, 3])).toMatchObject({
      value: null,
      reason: "one of them is constant",
    });
  });
});

describe("neutral text", () => {
  it("has at least 64 sentences, all different, in the model's own tokens", () => {
    const { sentences, skipped } = neutralText(tinyTokenizer(), 64);
    expect(sentences.length).toBeGreaterThanOrEqual(64);
    expect(new Set(sentences.map(String)).size).toBe(sentences.length);
    expect(skipped).toBe(0);
    expect(sentences.every(([first]) => first === 0)).toBe(true);
  });

  it("leaves out what does not fit into the model's positions", () => {
    const { sentences, skipped } = neutralText(tinyTokenizer(), 12);
    expect(skipped).toBeGreaterThan(0);
    expect(sentences.length).toBeGreaterThan(0);
    expect(Math.max(...sentences.map(({ length }) => length))).toBeLessThanOrEqual(12);
  });
});
