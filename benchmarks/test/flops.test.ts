import { describe, expect, it } from "vitest";
import { distinctRows, flops } from "../src/flops.ts";
import type { Job } from "../src/job.ts";
import { factPairs, promptsWithPrefix, randomPairs, SUBJECT } from "../src/model/pairs.ts";
import { SMALL } from "../src/model/shape.ts";
import { headsBelow } from "../src/plan/setting.ts";

const sweep = (positions: number[]): Job => ({
  kind: "head-sweep",
  model: "",
  threads: 2,
  heads: headsBelow(12, 12),
  positions,
  ...randomPairs(64, 12, 50257),
});

describe("operations", () => {
  it("of a whole forward are twice its parameters and its attention per token", () => {
    const job: Job = { kind: "attribution", model: "", threads: 2, ...randomPairs(1, 12, 50257) };
    const perToken = 12 * (2 * 12 * 768 ** 2 + 4 * 768 * 12);
    expect(flops(job, SMALL, "forward")).toBe(3 * 12 * perToken);
  });

  it("of the sweep: rows of the changed position alone", () => {
    const rows = flops(sweep([11]), SMALL, "rows")!;
    // 64 x 144 patched rows through half of the layers on average, and 2 x 64 x 12 rows of the unpatched runs.
    expect(rows).toBeGreaterThan(0.95e12);
    expect(rows).toBeLessThan(1.15e12);
    expect(flops(sweep([11]), SMALL, "forward")! / rows).toBeGreaterThan(15);
    expect(flops(sweep([0]), SMALL, "rows")! / rows).toBeGreaterThan(5);
  });

  it("grow from the cheapest way to the dearest", () => {
    const ways = (["rows", "resume-skip-frozen", "resume", "forward", "forward-all-logits"] as const).map(
      (way) => flops({ ...sweep([11]), kind: "path-final" } as Job, SMALL, way)!,
    );
    expect(ways).toEqual([...ways].sort((a, b) => a - b));
  });

  it("count a beginning once", () => {
    expect(
      distinctRows([
        [1, 2, 3],
        [1, 2, 4],
        [2, 2, 3],
      ]),
    ).toEqual([0, 1, 2, 2, 0, 1, 2]);
    expect(distinctRows(promptsWithPrefix(225, 12, 7, 15, 50257))).toHaveLength(15 * 7 + 225 * 5);
  });
});

describe("pairs", () => {
  it("like facts differ in the subject alone", () => {
    const { clean, corrupted } = factPairs(8, 12, 50257);
    for (const [i, tokens] of clean.entries()) {
      const differing = tokens.flatMap((token, position) =>
        token === corrupted[i]![position] ? [] : [position],
      );
      expect(differing).toEqual([SUBJECT.first, SUBJECT.first + 1]);
    }
    expect(clean[0]!.slice(0, 5)).toEqual(clean[4]!.slice(0, 5));
  });

  it("are the same every time", () => {
    expect(randomPairs(2, 12, 50257)).toEqual(randomPairs(2, 12, 50257));
  });
});
