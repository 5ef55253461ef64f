import { describe, expect, it } from "vitest";
import { mechanismRow } from "../../src/comparison/mechanism-table.ts";
import { judge } from "../../src/comparison/verdict.ts";
import type { Evidence } from "../../src/results/comparison.ts";
import { buildModelM, runSynthetic } from "../synthetic/model-m-folder.ts";
import { idleAfter } from "../synthetic/variants.ts";
import { notFinite } from "./a-report.ts";

const evidence = (
  low: number | null,
  high: number | null,
  pValue: number | null,
  changes: Partial<Evidence> = {},
): Evidence => ({
  step: "final layer",
  quantity: "a quantity",
  unit: "nats",
  estimate: { value: low === null ? 0.1 : (low + high!) / 2, low, high, n: 12 },
  expected: "positive",
  pValue,
  ...changes,
});
const verdict = (...args: Parameters<typeof evidence>) => judge(evidence(...args), true).verdict;

describe("verdicts", () => {
  it("needs interval and permutation test for presence", () => {
    expect(verdict(0.1, 0.3, 0.01)).toBe("PRESENT");
    expect(verdict(0.1, 0.3, 0.2)).toBe("INCONCLUSIVE");
    expect(verdict(-0.1, 0.3, 0.01)).toBe("INCONCLUSIVE");
    expect(verdict(0.1, 0.3, 0.05)).toBe("INCONCLUSIVE");
  });

  it("says that a test is missing instead of taking the interval for one", () => {
    const judged = judge(evidence(0.1, 0.3, null, { pReason: "not made here" }), true);
    expect(judged.verdict).toBe("INCONCLUSIVE");
    expect(judged.why).toMatch(/above 0, but no permutation test \(not made here\)/);
  });

  it("calls absent only what lies inside the bound of its unit, and a wide interval around 0 inconclusive", () => {
    expect(verdict(-0.04, 0.04, 0.6)).toBe("ABSENT");
    expect(verdict(-0.04, 0.06, 0.6)).toBe("INCONCLUSIVE");
    expect(verdict(-0.04, 0.04, 0.6, { unit: "effect" })).toBe("INCONCLUSIVE");
    expect(verdict(-0.01, 0.01, 0.6, { unit: "effect" })).toBe("ABSENT");
    expect(verdict(-0.001, 0.001, 0.6, { unit: "weight" })).toBe("INCONCLUSIVE");
    expect(verdict(0, 0, 1)).toBe("ABSENT");
  });

  it("minds the direction", () => {
    expect(verdict(-0.3, -0.1, 0.01)).toBe("INCONCLUSIVE");
    expect(verdict(-0.3, -0.1, 0.01, { expected: "negative" })).toBe("PRESENT");
    expect(verdict(-0.3, -0.1, 0.01, { expected: "either" })).toBe("PRESENT");
    expect(judge(evidence(-0.3, -0.1, 0.01), true).why).toMatch(/other direction/);
  });

  it("says when what is present is too small to matter", () => {
    const judged = judge(evidence(0.01, 0.02, 0.001), true);
    expect(judged).toMatchObject({ verdict: "PRESENT", why: expect.stringMatching(/too small to matter/) });
  });

  it("judges nothing on few facts or without an interval", () => {
    expect(judge(evidence(0.1, 0.3, 0.01), false).verdict).toBe("INCONCLUSIVE");
    expect(verdict(null, null, 0.01)).toBe("INCONCLUSIVE");
    const none = { estimate: { value: null, low: null, high: null, n: 0, reason: "not seen" } };
    expect(judge(evidence(0, 0, 0.01, none), true)).toMatchObject({
      verdict: "INCONCLUSIVE",
      why: "not seen",
    });
  });
});

describe("the row of model M", async () => {
  const report = await runSynthetic(await buildModelM({ facts: 12 }));
  const row = mechanismRow(report);
  const of = (one: ReturnType<typeof mechanismRow>, step: string) =>
    one.verdicts.find((own) => own.step === step)!;

  it("sums up the run", () => {
    expect(row.key).toMatchObject({
      taskId: "relation-0",
      shots: 0,
      frames: ["rel-first/none"],
      known: 12,
      total: 12,
    });
    expect(row).toMatchObject({
      movers: 2,
      topMover: { label: "L0H0" },
      headline: { layer: 0, depth: 0.25 },
      medianRank: 0,
    });
    expect(row.topMover!.attentionToSubject.value).toBeCloseTo(0.9, 5);
    expect(row.decomposition!.labels).toMatchObject({
      damped: 1,
      "not identifiable": 2,
      erased: 0,
      amplified: 0,
    });
    expect(row.decomposition!.topMoverWeight!.weight).toBeCloseTo(-0.5, 4);
    expect(row.finalLayer.suppressors).toEqual(["L1H0"]);
    expect(row.mitigations.map(({ target, bestAlpha }) => [target, bestAlpha])).toEqual([
      ["HEADS", 0],
      ["MLP", 0],
      ["JOINT", 0],
    ]);
    expect(row.reasons).toEqual({});
    expect(notFinite(row)).toEqual([]);
  });

  it("finds passing and suppression, and leaves open what needs a permutation test that the run does not hold", () => {
    expect(of(row, "argument passing")).toMatchObject({ verdict: "PRESENT", quantity: "effect of L0H0" });
    expect(of(row, "final layer")).toMatchObject({ verdict: "PRESENT", expected: "negative" });
    expect(of(row, "final layer").pValue).toBeLessThan(0.01);
    expect(of(row, "MLP activation")).toMatchObject({
      verdict: "INCONCLUSIVE",
      quantity: "weight of L0H0 in MLP0",
    });
    expect(of(row, "MLP activation").why).toMatch(/below 0, but no permutation test/);
    expect(of(row, "function application").why).toMatch(/above 0, but no permutation test \(task labels/);
  });

  it("judges evidence of other analyses by the same rule", () => {
    const more = mechanismRow(report, {
      evidence: [
        evidence(0.5, 0.7, 0.001, { step: "function application", quantity: "funcAcc", unit: "accuracy" }),
      ],
      more: { crossover: { value: 0.5, low: 0.5, high: 0.5, n: 12 } },
    });
    expect(more.verdicts).toHaveLength(5);
    expect(more.verdicts[4]).toMatchObject({ quantity: "funcAcc", verdict: "PRESENT" });
    expect(more.more.crossover!.value).toBe(0.5);
  });

  it("calls suppression absent where the last layer is idle", async () => {
    const idle = mechanismRow(await runSynthetic(await buildModelM({ facts: 12, change: idleAfter })));
    expect(of(idle, "final layer")).toMatchObject({ verdict: "ABSENT", estimate: { value: 0 } });
    expect(of(idle, "argument passing").verdict).toBe("PRESENT");
  });

  it("judges nothing on five facts", async () => {
    const few = mechanismRow(await runSynthetic(await buildModelM()));
    expect(few.verdicts.map((own) => own.verdict)).toEqual(Array(4).fill("INCONCLUSIVE"));
    expect(few).toMatchObject({ sufficient: false, movers: 0, topMover: null });
    expect(few.reasons).toMatchObject({ topMover: "no head is a mover" });
  });

  it("calls passing absent only when no head at all could have an effect", async () => {
    const still = structuredClone(report);
    still.argumentPassing.movers = [];
    for (const head of still.argumentPassing.heads) {
      Object.assign(head, {
        effect: { value: 0.001, low: -0.01, high: 0.012, n: 12 },
        qValue: 0.8,
        mover: false,
      });
    }
    expect(of(mechanismRow(still), "argument passing").verdict).toBe("ABSENT");
    // The second head's interval reaches further than that of the head with the largest effect.
    still.argumentPassing.heads[1]!.effect = { value: 0, low: -0.3, high: 0.3, n: 12 };
    expect(of(mechanismRow(still), "argument passing")).toMatchObject({
      verdict: "INCONCLUSIVE",
      quantity: "effect of L0H1",
    });
  });
});
