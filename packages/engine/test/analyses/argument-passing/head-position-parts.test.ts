import { describe, expect, it } from "vitest";
import { choosePlaces } from "../../../src/analyses/argument-passing/head-position-screen.ts";
import { sweptPositions } from "../../../src/analyses/argument-passing/swept-positions.ts";
import { seededRandom } from "../../../src/math/random.ts";
import type { Estimate } from "../../../src/results/estimate.ts";

describe("positions of a prompt", () => {
  const named = (length: number, subjectSpan: [number, number]) =>
    Object.fromEntries(sweptPositions({ tokens: Array.from({ length }, (_, i) => i), subjectSpan }));

  it("are named once each from the subject on, by what they are", () => {
    expect(named(9, [2, 6])).toEqual({
      subjFirst: [2],
      subjMiddle: [3, 4],
      subjLast: [5],
      "+1": [6],
      "+2": [7],
      last: [8],
    });
  });

  it("do not depend on what stands before the subject", () => {
    const shift = (positions: Record<string, number[]>) =>
      Object.fromEntries(Object.entries(positions).map(([name, own]) => [name, own.map((at) => at + 30)]));
    expect(named(36, [31, 33])).toEqual(shift(named(6, [1, 3])));
  });

  it("call a lone token the subject's last, and the prompt's last token nothing else", () => {
    expect(named(4, [2, 3])).toEqual({ subjLast: [2], last: [3] });
    expect(named(4, [1, 4])).toEqual({ subjFirst: [1], subjMiddle: [2], last: [3] });
    expect(named(3, [2, 3])).toEqual({ last: [2] });
  });
});

describe("places chosen for exact patching", () => {
  const random = seededRandom("screen");
  const [COUNT, TOP] = [1000, 24];
  const estimate = (value: number, reach: number): Estimate => ({
    value,
    low: value - reach,
    high: value + reach,
    n: 20,
  });
  const estimates = Array.from({ length: COUNT }, () => estimate((random() - 0.5) / 100, 0.001));
  // Large; small but uncertain, in both directions; just short of the threshold of 0.02.
  const [LARGE, UP, DOWN, SHORT] = [5, 17, 400, 401];
  estimates[LARGE] = estimate(-0.5, 0.01);
  estimates[UP] = estimate(0.001, 0.019);
  estimates[DOWN] = estimate(-0.001, 0.0191);
  estimates[SHORT] = estimate(0.0001, 0.0198);
  const candidates = Array.from({ length: COUNT }, (_, i) => i).filter((i) => i !== 99);
  const chosen = choosePlaces(estimates, candidates, 1);
  const by = (reason: "TOP" | "INTERVAL" | "AUDIT") =>
    [...chosen].filter(([, reasons]) => reasons.includes(reason)).map(([place]) => place);

  it("are the largest estimates, all intervals that reach the threshold in either direction, and a sample", () => {
    expect(chosen.get(LARGE)).toEqual(["TOP", "INTERVAL"]);
    expect(chosen.get(UP)).toEqual(["INTERVAL"]);
    expect(chosen.get(DOWN)).toEqual(["INTERVAL"]);
    expect(by("INTERVAL").sort((a, b) => a - b)).toEqual([LARGE, UP, DOWN]);
    expect(chosen.get(SHORT) ?? ["AUDIT"]).toEqual(["AUDIT"]);
    const size = (place: number) => Math.abs(estimates[place]!.value!);
    const largest = [...candidates].sort((a, b) => size(b) - size(a)).slice(0, TOP);
    expect(by("TOP").sort()).toEqual(largest.sort());
    expect(by("AUDIT")).toHaveLength(Math.ceil((COUNT - 1 - TOP - 2) / 20));
    for (const place of by("AUDIT")) expect(chosen.get(place)).toEqual(["AUDIT"]);
    expect(chosen.has(99)).toBe(false);
  });

  it("are all of few", () => {
    expect([...choosePlaces(estimates, [600, 601, 602], 1).keys()].sort()).toEqual([600, 601, 602]);
    expect(choosePlaces(estimates, [], 1).size).toBe(0);
  });

  it("audit every place passed over as often as another, by the seed", () => {
    expect(choosePlaces(estimates, candidates, 1)).toEqual(chosen);
    const counts = new Map<number, number>();
    const SEEDS = 400;
    for (let seed = 0; seed < SEEDS; seed++)
      for (const [place, [reason]] of choosePlaces(estimates, candidates, seed))
        if (reason === "AUDIT") counts.set(place, (counts.get(place) ?? 0) + 1);
    expect(counts.size).toBe(COUNT - 1 - TOP - 2);
    const expected = (SEEDS * 49) / (COUNT - 1 - TOP - 2);
    // Six standard deviations of a binomial count.
    for (const count of counts.values())
      expect(Math.abs(count - expected)).toBeLessThan(6 * Math.sqrt(expected));
  });
});
