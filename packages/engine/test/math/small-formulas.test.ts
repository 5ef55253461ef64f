import { describe, expect, it } from "vitest";
import { upperShare } from "../../src/math/binomial-bound.ts";
import { goldenSection } from "../../src/math/golden-section.ts";
import { hypergeometricTail } from "../../src/math/hypergeometric.ts";
import { seededRandom, shuffled } from "../../src/math/random.ts";
import { shapley3 } from "../../src/math/shapley.ts";
import {
  logSumExp,
  median,
  quantile,
  quantiles,
  standardDeviation,
  studentQuantile,
} from "../../src/math/statistics.ts";

describe("hypergeometric tail", () => {
  const choose = (n: number, k: number): bigint => {
    if (k < 0 || k > n) return 0n;
    let total = 1n;
    for (let i = 1n; i <= BigInt(k); i++) total = (total * (BigInt(n - k) + i)) / i;
    return total;
  };
  const exact = (hits: number, drawn: number, marked: number, total: number) => {
    let ways = 0n;
    for (let k = hits; k <= Math.min(drawn, marked); k++)
      ways += choose(marked, k) * choose(total - marked, drawn - k);
    return Number((ways * 10n ** 18n) / choose(total, drawn)) / 1e18;
  };

  it("gives the chance of aces in a poker hand", () => {
    expect(hypergeometricTail(1, 5, 4, 52)).toBeCloseTo(0.341158, 7);
    expect(hypergeometricTail(2, 5, 4, 52)).toBeCloseTo(0.0416844, 7);
  });
  it.each([
    [3, 20, 30, 768],
    [1, 20, 40, 50257],
    [5, 20, 40, 49152],
    [18, 20, 19, 24],
  ])("agrees with whole numbers: %s hits of %s, %s marked of %s", (hits, drawn, marked, total) => {
    const expected = exact(hits, drawn, marked, total);
    expect(hypergeometricTail(hits, drawn, marked, total) / expected).toBeCloseTo(1, 6);
  });
  it("is 1 for no hit, and for the fewest hits possible", () => {
    expect(hypergeometricTail(0, 20, 30, 768)).toBeCloseTo(1, 12);
    expect(hypergeometricTail(15, 20, 19, 24)).toBeCloseTo(1, 12);
    expect(hypergeometricTail(5, 20, 5, 20)).toBeCloseTo(1, 12);
  });
});

describe("upper bound of a share", () => {
  it("is Clopper and Pearson's: published values, and the rule of three", () => {
    expect(upperShare(0, 20)).toBeCloseTo(0.139108, 6);
    expect(upperShare(1, 20)).toBeCloseTo(0.216106, 6);
    expect(upperShare(3, 10)).toBeCloseTo(0.606624, 6);
    expect(upperShare(10, 10)).toBe(1);
    for (const trials of [1, 32, 64, 5000])
      expect(upperShare(0, trials)).toBeCloseTo(1 - 0.05 ** (1 / trials), 12);
    expect(() => upperShare(2, 1)).toThrow(/2 of 1/);
    expect(() => upperShare(0, 0)).toThrow(/0 of 0/);
  });

  it("lies below the true share in at most 5 of 100 samples, whatever the share", () => {
    for (const share of [0.01, 0.1, 0.37, 0.8]) {
      let [missed, probability] = [0, (1 - share) ** 40];
      for (let k = 0; k <= 40; k++) {
        if (upperShare(k, 40) < share) missed += probability;
        probability *= ((40 - k) / (k + 1)) * (share / (1 - share));
      }
      expect(missed).toBeLessThanOrEqual(0.05 + 1e-9);
    }
  });
});

describe("Shapley values of three players", () => {
  const game = (value: (members: number[]) => number) =>
    Array.from({ length: 8 }, (_, mask) => value([0, 1, 2].filter((player) => mask & (1 << player))));

  it("share gloves: two left ones, one right", () => {
    const [a, b, c] = shapley3(game((m) => (m.includes(2) && m.length > 1 ? 1 : 0)));
    expect([a, b]).toEqual([1 / 6, 1 / 6]);
    expect(c).toBeCloseTo(2 / 3, 12);
  });
  it("are each one's own part where parts add", () => {
    const shares = shapley3(game((m) => m.reduce((sum, player) => sum + [3, -1, 0.5][player]!, 7)));
    for (const [i, share] of shares.entries()) expect(share).toBeCloseTo([3, -1, 0.5][i]!, 12);
  });
  it("add up to the whole", () => {
    const random = seededRandom("shapley");
    const values = Array.from({ length: 8 }, random);
    const [a, b, c] = shapley3(values);
    expect(a + b + c).toBeCloseTo(values[7]! - values[0]!, 12);
  });
});

describe("statistics", () => {
  it("interpolates quantiles linearly", () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([1, 2, 3, 4, 5], 0.1)).toBeCloseTo(1.4, 12);
    expect([quantile([3, 1], 0), quantile([3, 1], 1)]).toEqual([1, 3]);
    const values = Array.from({ length: 41 }, (_, i) => (i * 17) % 41);
    expect(quantiles(values, [0.975, 0.025, 0.5])).toEqual([39, 1, 20]);
    expect(median([])).toBeNull();
  });
  it("divides the variance by n - 1", () => {
    expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 12);
    expect(standardDeviation([1])).toBeNull();
  });
  it("sums exponentials without overflow", () => {
    expect(logSumExp([1000, 1000])).toBeCloseTo(1000 + Math.LN2, 12);
  });
  it.each([
    [11, 2.200985],
    [23, 2.068658],
    [47, 2.011741],
  ])("knows Student's t for %s degrees of freedom", (freedom, expected) => {
    expect(studentQuantile(freedom)).toBeCloseTo(expected, 3);
  });
});

describe("golden section", () => {
  it("finds a peak inside and at the border", async () => {
    expect(await goldenSection(async (x) => -((x - 0.3) ** 2), -2, 2, 1e-3)).toBeCloseTo(0.3, 2);
    expect(await goldenSection(async (x) => x, -2, 2, 1e-3)).toBeCloseTo(2, 2);
  });
});

describe("random numbers", () => {
  it("are the same for the same seed, and uniform", () => {
    const [a, b, c] = [seededRandom(1), seededRandom("1"), seededRandom(2)];
    const first = Array.from({ length: 20000 }, a);
    expect(Array.from({ length: 3 }, b)).toEqual(first.slice(0, 3));
    expect(c()).not.toBe(first[0]);
    expect(first.reduce((sum, x) => sum + x) / 20000).toBeCloseTo(0.5, 1.7);
    expect(Math.min(...first)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...first)).toBeLessThan(1);
  });
  it("shuffle every item to every place", () => {
    const random = seededRandom("shuffle");
    const seen = new Set(Array.from({ length: 500 }, () => shuffled([0, 1, 2], random).join()));
    expect(seen.size).toBe(6);
  });
});
