import { describe, expect, it } from "vitest";
import { FactBootstrap } from "../../src/math/fact-bootstrap.ts";
import { falseDiscoveryQ } from "../../src/math/false-discovery.ts";
import { normalFrom, seededRandom } from "../../src/math/random.ts";
import { descendingRanks, rankIntervals } from "../../src/math/rank-intervals.ts";
import { Resampler } from "../../src/math/resampler.ts";
import { SignFlip } from "../../src/math/sign-flip.ts";
import { standardDeviation } from "../../src/math/statistics.ts";

const random = seededRandom("resampling");
const normal = normalFrom(random);
const ones = (n: number) => new Array<number>(n).fill(1);

describe("bootstrap over facts", () => {
  const values = Array.from({ length: 40 }, () => 2 + normal());
  const bootstrap = new FactBootstrap(40, 2000, 7);
  const estimate = bootstrap.ratio(values, ones(40));

  it("contains the mean in an interval of the width theory gives", () => {
    const mean = values.reduce((a, b) => a + b) / 40;
    expect(estimate.value).toBeCloseTo(mean, 12);
    expect(estimate.low!).toBeLessThan(mean);
    expect(estimate.high!).toBeGreaterThan(mean);
    const width = (2 * 1.96 * standardDeviation(values)!) / Math.sqrt(40);
    expect((estimate.high! - estimate.low!) / width).toBeGreaterThan(0.9);
    expect((estimate.high! - estimate.low!) / width).toBeLessThan(1.1);
  });

  it("is the same for the same seed and another for another", () => {
    expect(new FactBootstrap(40, 2000, 7).ratio(values, ones(40))).toEqual(estimate);
    expect(new FactBootstrap(40, 2000, 8).ratio(values, ones(40)).low).not.toBe(estimate.low);
  });

  it("does not depend on the order of named facts", () => {
    const names = values.map((_, i) => `fact ${(i * 7) % 40}`);
    const place = values.map((_, i) => (i * 11 + 3) % 40);
    const permuted = new FactBootstrap(
      40,
      500,
      7,
      place.map((i) => names[i]!),
    );
    const own = new FactBootstrap(40, 500, 7, names).ratio(values, ones(40));
    const other = permuted.ratio(
      place.map((i) => values[i]!),
      ones(40),
    );
    for (const bound of ["value", "low", "high"] as const) expect(other[bound]).toBeCloseTo(own[bound]!, 12);
    const p = (list: readonly number[], order: readonly string[]) =>
      new SignFlip(40, 7, 999, order).pValue(list.map((value) => value - 1.8));
    expect(
      p(
        place.map((i) => values[i]!),
        place.map((i) => names[i]!),
      ),
    ).toBe(p(values, names));
  });

  it("does not narrow when a fact is asked in more prompts", () => {
    const many = bootstrap.ratio(
      values.map((value) => 5 * value),
      ones(40).map(() => 5),
    );
    expect(many.value).toBeCloseTo(estimate.value!, 12);
    expect(many.high! - many.low!).toBeCloseTo(estimate.high! - estimate.low!, 12);
    expect(many.n).toBe(40);
  });

  it("has width 0 for constant effects, and none for one fact", () => {
    expect(bootstrap.ratio(ones(40), ones(40))).toEqual({ value: 1, low: 1, high: 1, n: 40 });
    const one = new FactBootstrap(1, 100, 1).ratio([3], [2]);
    expect(one).toMatchObject({ value: 1.5, low: null, high: null, n: 1 });
    expect(one.reason).toBeTruthy();
  });

  it("is a ratio of means", () => {
    expect(new FactBootstrap(2, 100, 1).ratio([1, 30], [1, 10]).value).toBeCloseTo(31 / 11, 12);
  });

  it("is narrower for paired differences of correlated runs than for their parts", () => {
    const other = values.map((value) => value + 0.1 * normal());
    const difference = bootstrap.ratio(
      values.map((value, i) => value - other[i]!),
      ones(40),
    );
    expect(difference.high! - difference.low!).toBeLessThan((estimate.high! - estimate.low!) / 3);
  });

  it("skips facts that were not observed, and says so when none was", () => {
    const half = ones(40).map((_, i) => (i < 20 ? 1 : 0));
    const own = bootstrap.ratio(
      values.map((value, i) => value * half[i]!),
      half,
    );
    expect(own.n).toBe(20);
    expect(own.value).toBeCloseTo(values.slice(0, 20).reduce((a, b) => a + b) / 20, 12);
    expect(bootstrap.ratio(ones(40), new Array(40).fill(0), "nothing seen")).toEqual({
      value: null,
      low: null,
      high: null,
      n: 0,
      reason: "nothing seen",
    });
  });

  it.each([
    ["a mean of normal effects", () => [normal(), 1] as const, 0],
    ["a mean of skewed effects", () => [Math.exp(0.6 * normal()), 1] as const, Math.exp(0.18)],
    ["a ratio of means", () => ratioDraw(), 0.6],
  ])("covers the truth of %s in at least 90 of 100 samples of 24 facts", (_, draw, truth) => {
    const [facts, samples] = [24, 600];
    const same = new FactBootstrap(facts, 400, 3);
    let covered = 0;
    for (let i = 0; i < samples; i++) {
      const drawn = Array.from({ length: facts }, draw);
      const { low, high } = same.ratio(
        drawn.map(([top]) => top),
        drawn.map(([, bottom]) => bottom),
      );
      if (low! <= truth && high! >= truth) covered++;
    }
    expect(covered / samples).toBeGreaterThanOrEqual(0.9);
    expect(covered / samples).toBeLessThan(0.98);
  });
});

/** An effect and its denominator as in patching: correlated, the ratio of their means 0.6. */
function ratioDraw(): readonly [number, number] {
  const total = 5 + normal();
  return [0.6 * total + 0.5 * normal(), total];
}

describe("sign-flip test", () => {
  it("counts the sign patterns at least as extreme", () => {
    // 10 equal effects: 2 of 1024 patterns.
    const p = new SignFlip(10, 1, 20000).pValue(ones(10))!;
    expect(p).toBeGreaterThan(0.001);
    expect(p).toBeLessThan(0.0033);
    // 3 effects: the observed pattern and its mirror of 8.
    expect(new SignFlip(3, 1).pValue([1, 2, 3])!).toBeCloseTo(0.25, 1);
  });

  it("is two-sided, never 0, and 1 for no effect", () => {
    const test = new SignFlip(20, 5);
    const values = Array.from({ length: 20 }, () => 1 + normal());
    expect(test.pValue(values)).toBe(test.pValue(values.map((value) => -value)));
    expect(test.pValue(ones(20))).toBe(1 / 5000);
    expect(test.pValue(new Array(20).fill(0))).toBe(1);
    expect(new SignFlip(1, 1).pValue([1])).toBeNull();
  });

  it("rejects a true null in about 5 of 100 cases", () => {
    const test = new SignFlip(15, 9, 999);
    let rejected = 0;
    for (let i = 0; i < 600; i++) if (test.pValue(Array.from({ length: 15 }, normal))! < 0.05) rejected++;
    expect(rejected / 600).toBeGreaterThan(0.03);
    expect(rejected / 600).toBeLessThan(0.075);
  });

  it("refuses another number of facts", () => {
    expect(() => new SignFlip(3, 1).pValue([1, 2])).toThrow(/2 .*3/);
  });
});

describe("Benjamini-Hochberg", () => {
  it("gives the textbook q-values", () => {
    expect(falseDiscoveryQ([0.01, 0.04, 0.03, 0.005])).toEqual([0.02, 0.04, 0.04, 0.02]);
  });
  it("keeps order, never exceeds 1 and does not count what was not tested", () => {
    expect(falseDiscoveryQ([0.9, null, 0.8])).toEqual([0.9, null, 0.9]);
    expect(falseDiscoveryQ([null, 0.05])).toEqual([null, 0.05]);
    expect(falseDiscoveryQ([])).toEqual([]);
  });
});

describe("ranks", () => {
  it("start at 1 with the largest", () => {
    expect(descendingRanks([0.1, 0.5, -2, 0.5])).toEqual([3, 1, 4, 2]);
  });
  it("have intervals as wide as the resamples disagree", () => {
    const clear = [Float64Array.of(5, 5, 5), Float64Array.of(1, 2, 1), Float64Array.of(2, 1, 2)];
    expect(rankIntervals(clear)).toEqual([
      [1, 1],
      [2, 3],
      [2, 3],
    ]);
  });
});

describe("remembered sums over resamples", () => {
  const columns = (change = 0) => [Float64Array.of(1, 2, 3, 4 + change), Float64Array.of(-1, 0.5, 0, 8)];

  it("are those of the bootstrap, for the same numbers the same arrays, for others others", () => {
    const resampler = new Resampler(50, 3);
    const sums = resampler.totals(columns());
    expect(sums).toEqual(new FactBootstrap(4, 50, 3).totals(columns()));
    expect(resampler.totals(columns())).toBe(sums);
    expect(resampler.totals(columns(1))).toEqual(new FactBootstrap(4, 50, 3).totals(columns(1)));
    // The same bytes as one column of eight facts are another question.
    expect(resampler.totals([Float64Array.of(1, 2, 3, 4, -1, 0.5, 0, 8)])).toHaveLength(1);
  });

  it("are given up where they are many, those used last kept", () => {
    const resampler = new Resampler(50, 3, 100);
    const one = (value: number) => [Float64Array.of(value)];
    const first = resampler.totals(one(1));
    const second = resampler.totals(one(2));
    expect(resampler.totals(one(1))).toBe(first);
    resampler.totals(one(3));
    expect(resampler.totals(one(1))).toBe(first);
    expect(resampler.totals(one(2))).not.toBe(second);
  });
});
