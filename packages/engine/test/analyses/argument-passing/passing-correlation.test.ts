import { describe, expect, it } from "vitest";
import { correlationOverPrompts } from "../../../src/analyses/argument-passing/passing-correlation.ts";
import { FactBootstrap } from "../../../src/math/fact-bootstrap.ts";
import { seededRandom } from "../../../src/math/random.ts";

const names = ["attention", "output"] as const;
const bootstrap = (facts: number) => new FactBootstrap(facts, 500, 1);

describe("correlation over prompts", () => {
  it("is Pearson's, whatever offset and unit", () => {
    // x = 1..5, y = 2 1 4 3 5: sum of products of deviations 8, of squares 10 and 10.
    const [x, y] = [
      [[1, 2], [3, 4], [5]],
      [[2, 1], [4, 3], [5]],
    ];
    expect(correlationOverPrompts(x, y, bootstrap(3), names).value).toBeCloseTo(0.8, 12);
    const moved = y.map((own) => own.map((value) => 1e6 - 1e3 * value));
    expect(correlationOverPrompts(x, moved, bootstrap(3), names).value).toBeCloseTo(-0.8, 9);
  });

  it("is not observed on constants up to float32 rounding, on two points, or without prompts", () => {
    const constant = [
      [1.8, 1.8 + 1e-7],
      [1.8, 1.8],
    ];
    const varied = [
      [1, 2],
      [3, 4],
    ];
    expect(correlationOverPrompts(constant, varied, bootstrap(2), names)).toMatchObject({
      value: null,
      reason: "attention does not vary over the prompts",
    });
    expect(correlationOverPrompts(varied, constant, bootstrap(2), names).reason).toMatch(/^output does not/);
    expect(correlationOverPrompts([[1], [2]], [[1], [2]], bootstrap(2), names)).toMatchObject({
      value: null,
      reason: "fewer than 3 prompts",
    });
    expect(correlationOverPrompts([[], []], [[], []], bootstrap(2), names).value).toBeNull();
  });

  it("takes facts, not prompts, as the unit: ten copies of each prompt do not narrow the interval", () => {
    const random = seededRandom("correlation");
    const facts = 12;
    const x = Array.from({ length: facts }, () => [random()]);
    const y = x.map(([value]) => [value! + random()]);
    const copies = (rows: readonly number[][]) => rows.map(([value]) => Array<number>(10).fill(value!));
    const once = correlationOverPrompts(x, y, bootstrap(facts), names);
    const often = correlationOverPrompts(copies(x), copies(y), bootstrap(facts), names);
    expect(once.low!).toBeLessThan(once.value!);
    expect(once.high!).toBeGreaterThan(once.value!);
    for (const key of ["value", "low", "high"] as const) expect(often[key]).toBeCloseTo(once[key]!, 9);
    expect(often.n).toBe(facts);
  });

  it("has no interval for one fact", () => {
    expect(correlationOverPrompts([[1, 2, 4]], [[1, 2, 3]], bootstrap(1), names)).toMatchObject({
      low: null,
      high: null,
      reason: "one fact gives no interval",
    });
  });
});
