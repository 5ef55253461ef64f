import { describe, expect, it } from "vitest";
import { compareRuns } from "../../src/comparison/compare-runs.ts";
import { seededRandom } from "../../src/math/random.ts";
import { buildModelM, runSynthetic } from "../synthetic/model-m-folder.ts";
import { idleAfter } from "../synthetic/variants.ts";
import { aReport, type MadePrompt, notFinite } from "./a-report.ts";

const model = await buildModelM({ facts: 8, frames: 2 });
const plain = await runSynthetic(model);
/** log p(answer) of 29 tokens after and before the last layer of model M. */
const FINAL = 3.4875 - Math.log(Math.exp(3.4875) + Math.exp(3) + Math.exp(0.9) + 26);
const BEFORE = 4.5 - Math.log(Math.exp(4.5) + Math.exp(0.9) + 27);

/** Ten facts in two frames with numbers of their own. */
function made(
  seed: string,
  { unknown = [] as number[], without = [] as [fact: number, frame: string][] } = {},
) {
  const random = seededRandom(seed);
  const prompts: MadePrompt[] = [];
  for (let fact = 0; fact < 10; fact++) {
    for (const frame of ["of/none", "is/none"]) {
      const prompt = {
        fact,
        frame,
        logProb: -3 * random(),
        rank: Math.floor(random() * 5),
        total: 3 + random(),
        changes: [random(), -random(), random() / 2, 0],
        final: [0.2 + random() / 2, 0.2 + random() / 2] as const,
      };
      if (!without.some(([f, name]) => f === fact && name === frame)) prompts.push(prompt);
    }
  }
  return aReport(plain, {
    layers: 2,
    headsPerLayer: 2,
    facts: Array.from({ length: 10 }, (_, f) => ({
      subject: `s${f}`,
      answer: `a${f}`,
      known: !unknown.includes(f),
    })),
    prompts,
  });
}
const metric = (comparison: ReturnType<typeof compareRuns>, name: string) =>
  comparison.metrics.find((own) => own.metric === name)!;

describe("a run compared with itself", () => {
  it.each([
    ["model M", plain],
    ["a made-up run", made("a")],
  ] as const)("has no difference and full agreement: %s", (_, run) => {
    const own = compareRuns(run, run);
    for (const { delta, pValue, metric: name } of own.metrics) {
      expect(delta, name).toMatchObject({ value: 0, low: 0, high: 0 });
      expect(pValue).toBe(1);
    }
    for (const head of own.heads) expect(head.delta).toMatchObject({ value: 0, low: 0, high: 0 });
    expect(own.heads).toHaveLength(run.argumentPassing.heads.length);
    expect(own.overlap).toMatchObject({ jaccard: 1, spearman: 1 });
    expect(own.depthDistance).toBe(0);
    expect(own.centreOfMassDelta).toMatchObject({ value: 0, low: 0, high: 0 });
    expect(own).toMatchObject({
      onlyA: [],
      onlyB: [],
      promptsOnlyA: 0,
      promptsOnlyB: 0,
      sameModel: true,
      sameTask: true,
    });
    expect(notFinite(own)).toEqual([]);
  });

  it("correlates with itself, but not where nothing varies", () => {
    const own = compareRuns(made("a"), made("a"));
    for (const name of ["logProb", "probability", "rank", "finalLayerLogProbChange"])
      expect(metric(own, name).correlation, name).toBe(1);
    expect(metric(compareRuns(plain, plain), "rank").correlation).toBeNull();
  });
});

describe("two runs", () => {
  const [a, b] = [made("a"), made("b", { unknown: [3, 7], without: [[5, "is/none"]] })];
  const [there, back] = [compareRuns(a, b), compareRuns(b, a)];

  it("flips every sign when the runs change places", () => {
    for (const [i, own] of there.metrics.entries()) {
      const other = back.metrics[i]!;
      expect(other.delta.value).toBeCloseTo(-own.delta.value!, 12);
      expect(other.delta.low).toBeCloseTo(-own.delta.high!, 12);
      expect(other.delta.high).toBeCloseTo(-own.delta.low!, 12);
      expect(other.pValue).toBe(own.pValue);
      expect(other.a).toEqual(own.b);
    }
    for (const [i, { delta }] of there.heads.entries()) {
      expect(back.heads[i]!.delta.value).toBeCloseTo(-delta.value!, 12);
      expect(back.heads[i]!.delta.low).toBeCloseTo(-delta.high!, 12);
    }
    expect(back.centreOfMassDelta.value).toBeCloseTo(-there.centreOfMassDelta.value!, 12);
    expect(back.depthDistance).toBeCloseTo(there.depthDistance!, 12);
  });

  it("leaves out what one of them lacks, and counts it: a missing case is not a passing case", () => {
    expect(there).toMatchObject({
      sharedFacts: 8,
      onlyB: [],
      sharedPrompts: 15,
      promptsOnlyA: 1,
      promptsOnlyB: 0,
    });
    expect(there.onlyA).toEqual([
      { subject: "s3", answer: "a3" },
      { subject: "s7", answer: "a7" },
    ]);
    expect(back).toMatchObject({ onlyA: [], promptsOnlyA: 0, promptsOnlyB: 1 });
  });

  it("gives absolute numbers on each run's own facts and differences on the shared prompts", () => {
    const mean = (values: number[]) => values.reduce((x, y) => x + y, 0) / values.length;
    const own = metric(there, "logProb");
    expect(own.a.value).toBeCloseTo(mean(a.prompts.map(({ logProb }) => logProb)), 12);
    expect(own.a.n).toBe(10);
    const known = b.prompts.filter(({ known }) => known);
    expect(own.b.value).toBeCloseTo(mean(known.map(({ logProb }) => logProb)), 12);
    const differences = known.map(
      ({ fact, frame, logProb }) =>
        logProb - a.prompts.find((other) => other.fact === fact && other.frame === frame)!.logProb,
    );
    expect(differences).toHaveLength(15);
    expect(own.delta.value).toBeCloseTo(mean(differences), 12);
    expect(own.delta.n).toBe(8);
    expect(own.sharedB.value! - own.sharedA.value!).toBeCloseTo(own.delta.value!, 12);
    expect(own.sharedA.value).not.toBeCloseTo(own.a.value!, 3);
  });

  it("takes a head's effect on the shared pairs as a ratio of means", () => {
    const effect = (report: typeof a, head: number) => {
      const get = (name: string) => report.arrays.find((array) => array.name === name)!;
      let [top, bottom] = [0, 0];
      for (const [row, label] of get("patching.clean").axes[0]!.labels.entries()) {
        const { fact, frame } = report.prompts[Number(label)]!;
        if ([3, 7].includes(fact) || (fact === 5 && frame === "is/none")) continue;
        top += get("patching.clean").values[row]! - get("patching.noising").values[row * 4 + head]!;
        bottom += get("patching.clean").values[row]! - get("patching.corrupted").values[row]!;
      }
      return top / bottom;
    };
    for (const [head, { delta, a: own }] of there.heads.entries()) {
      expect(delta.value).toBeCloseTo(effect(b, head) - effect(a, head), 6);
      expect(own).toEqual(a.argumentPassing.heads[head]!.effect);
    }
  });

  it("does not care for the order of prompts", () => {
    const reversed = { ...b, arrays: b.arrays.map(reverseRows) };
    const again = compareRuns(a, reversed);
    expect(again.heads.map(({ delta }) => delta.value)).toEqual(
      there.heads.map(({ delta }) => expect.closeTo(delta.value!, 10)),
    );
    expect(metric(again, "finalLayerLogProbChange").delta.low).toBeCloseTo(
      metric(there, "finalLayerLogProbChange").delta.low!,
      10,
    );
  });

  it("keeps a probability of 0 out of logarithms", () => {
    const broken = structuredClone(a);
    broken.arrays.find(({ name }) => name === "lens.answer.probability")!.values.fill(0);
    const own = metric(compareRuns(broken, a), "finalLayerLogProbChange");
    expect(own.a).toMatchObject({ value: null, n: 0 });
    expect(own.delta.value).toBeNull();
    expect(notFinite(compareRuns(broken, a))).toEqual([]);
  });
});

describe("runs that share less", () => {
  it("pairs nothing between tasks, but sees that they use the same heads", async () => {
    const other = await runSynthetic(model, 1);
    const comparison = compareRuns(plain, other);
    expect(comparison).toMatchObject({ sameTask: false, sharedFacts: 0, heads: [] });
    expect(comparison.headsReason).toMatch(/different tasks/);
    expect(metric(comparison, "logProb").delta).toMatchObject({
      value: null,
      reason: expect.stringMatching(/tasks/),
    });
    expect(metric(comparison, "logProb").b.value).toBeCloseTo(FINAL, 4);
    expect(comparison.overlap).toMatchObject({ jaccard: 1, common: 2 });
  });

  it("compares depths of different models, never their heads", async () => {
    const other = await runSynthetic(await buildModelM({ facts: 8, frames: 2, change: idleAfter }));
    const comparison = compareRuns(plain, other);
    expect(comparison).toMatchObject({ sameModel: false, sharedFacts: 8, sharedPrompts: 16, heads: [] });
    expect(comparison.headsReason).toMatch(/do not correspond/);
    expect(comparison.overlap.jaccard).toBeNull();
    expect(comparison.centreOfMassDelta.value).toBeCloseTo(-0.125, 5);
    expect(comparison.depthDistance).toBeCloseTo(0.125, 5);
    // The last layer is empty there, and takes nothing of the answer.
    expect(metric(comparison, "finalLayerLogProbChange").delta.value).toBeCloseTo(BEFORE - FINAL, 4);
    expect(metric(comparison, "logProb").delta.value).toBeCloseTo(0, 4);
    expect(notFinite(comparison)).toEqual([]);
  });

  it("says so where no fact is known to both", () => {
    const half = (first: number) =>
      made("a", { unknown: Array.from({ length: 10 }, (_, f) => f).filter((f) => f < 5 === (first === 5)) });
    const comparison = compareRuns(half(0), half(5));
    expect(comparison).toMatchObject({
      sharedFacts: 0,
      sharedPrompts: 0,
      headsReason: expect.stringMatching(/no prompt/),
    });
    expect(comparison.onlyA).toHaveLength(5);
    expect(notFinite(comparison)).toEqual([]);
  });

  it("refuses numbers of another meaning", () => {
    const old = structuredClone(plain);
    old.receipt.semanticsVersion = 0;
    expect(() => compareRuns(plain, old)).toThrow(/semantics versions/);
  });
});

function reverseRows(array: (typeof plain.arrays)[number]): (typeof plain.arrays)[number] {
  const [prompts, ...rest] = array.axes;
  const size = rest.reduce((n, { labels }) => n * labels.length, 1) || 1;
  const width = array.values.length / prompts!.labels.length;
  expect(width % size).toBe(0);
  const rows = prompts!.labels.map((_, row) => [...array.values.slice(row * width, (row + 1) * width)]);
  return {
    ...array,
    axes: [{ ...prompts!, labels: [...prompts!.labels].reverse() }, ...rest],
    values: Float32Array.from(rows.reverse().flat()),
  };
}
