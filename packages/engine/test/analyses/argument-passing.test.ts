import { describe, expect, it } from "vitest";
import { subjectAttention } from "../../src/analyses/argument-passing/attention.ts";
import { headPatching } from "../../src/analyses/argument-passing/head-patching.ts";
import { seededRandom } from "../../src/math/random.ts";
import { aggregationOf, analyse, modelM, taskOfM } from "./model-m.ts";

const V = 20;

describe("attention to the subject in model M", async () => {
  const model = modelM(5);
  const report = await analyse(subjectAttention, model.toy, taskOfM(model, 5));

  it("looks from the last position", () => {
    const values = report.attentionToSubject.map(({ value }) => value!);
    const uniform = 1 / 30;
    for (const [i, expected] of [0.9, uniform, 0.25, uniform, uniform, 0.25].entries()) {
      expect(values[i]).toBeCloseTo(expected, 6);
    }
  });

  it("weighs attention by what is written: a head that writes nothing has no share", () => {
    const [mover, relation, nothing, suppressor] = report.valueWeightedShare;
    expect(mover!.value).toBeCloseTo(1, 6);
    expect(relation!.value).toBeCloseTo(0, 6);
    expect(suppressor!.value).toBeCloseTo(0, 6);
    expect(nothing).toMatchObject({ value: null, low: null, high: null, reason: "the head writes nothing" });
  });

  it("gives what each head writes of subject and answer, centred over the vocabulary", () => {
    expect(report.dlaSubject[0]!.value).toBeCloseTo(1.8 - 1.8 / V, 5);
    expect(report.dlaAnswer[0]!.value).toBeCloseTo(-1.8 / V, 5);
    expect(report.dlaAnswer[3]!.value).toBeCloseTo(-2.025 + 2.025 / V, 5);
  });
});

describe("activation patching of model M", () => {
  const effects = async (F: number) => {
    const model = modelM(F);
    return (await analyse(headPatching, model.toy, taskOfM(model, F))).report;
  };

  it("finds the mover, the suppressor and the booster, the same in both directions", async () => {
    const report = await effects(5);
    expect(report.cleanMetric.value).toBeCloseTo(3.4875, 5);
    expect(report.corruptedMetric.value).toBeCloseTo(-3.4875, 5);
    const expected = [1, 0, 0, -0.5806452, 0.2903226, 0];
    for (const [i, head] of report.heads.entries()) {
      expect(head.noising.value, head.label).toBeCloseTo(expected[i]!, 6);
      expect(head.denoising.value, head.label).toBeCloseTo(expected[i]!, 6);
      expect(head.effect.value, head.label).toBeCloseTo(expected[i]!, 6);
    }
    expect(report.heads.map(({ rank }) => rank)).toEqual([1, 3, 4, 6, 2, 5]);
    expect(report).toMatchObject({ pairs: 5, excludedPairs: [] });
  });

  it("names no mover on fewer than 8 facts, and the right ones on 10", async () => {
    expect((await effects(5)).movers).toEqual([]);
    const report = await effects(10);
    expect(report.movers).toEqual(["L0H0", "L1H1"]);
    const [mover, relation] = report.heads;
    // 2 of 2^10 sign patterns are as extreme; 6 heads.
    expect(mover!.pValue).toBeLessThan(0.005);
    expect(relation!.pValue).toBe(1);
    expect(mover!.rankInterval).toEqual([1, 1]);
  });

  it("keeps every effect when idle layers come in between", async () => {
    const model = modelM(5, (blocks, idle) => blocks.flatMap((block) => [idle, block]));
    const { report } = await analyse(headPatching, model.toy, taskOfM(model, 5));
    const of = (label: string) => report.heads.find((head) => head.label === label)!.effect.value;
    expect(of("L1H0")).toBeCloseTo(1, 6);
    expect(of("L3H0")).toBeCloseTo(-0.5806452, 6);
    expect(of("L0H0")).toBe(0);
  });
});

describe("aggregation of patching effects", () => {
  const F = 10;
  const model = modelM(F);
  const { context, facts } = taskOfM(model, F);
  const heads = 6;
  type Pair = { clean: number; corrupted: number; effect: (head: number) => number };
  const measured = (pair: (fact: number) => Pair) =>
    facts.map((_, fact) => {
      const { clean, corrupted, effect } = pair(fact);
      const of = (head: number) => effect(head) * (clean - corrupted);
      return [
        {
          prompt: fact,
          clean,
          corrupted,
          noising: Float64Array.from({ length: heads }, (_, head) => clean - of(head)),
          denoising: Float64Array.from({ length: heads }, (_, head) => corrupted + of(head)),
        },
      ];
    });
  const aggregate = (measurements: ReturnType<typeof measured>) =>
    headPatching.aggregate(measurements, aggregationOf(context, facts)) as ReturnType<
      typeof headPatching.aggregate
    > & {
      report: Awaited<ReturnType<typeof headPatching.aggregate>>["report"];
    };

  it("is a ratio of means, not a mean of ratios", () => {
    // One fact with a tiny denominator: its ratio 50 must not decide.
    const { report } = aggregate(
      measured((fact) => ({
        clean: fact === 0 ? 0.01 : 4,
        corrupted: 0,
        effect: () => (fact === 0 ? 50 : 0.5),
      })),
    );
    expect(report.heads[0]!.effect.value).toBeCloseTo((0.5 + 9 * 2) / (0.01 + 9 * 4), 10);
  });

  it("takes a mean of both directions", () => {
    const measurements = measured(() => ({ clean: 2, corrupted: -2, effect: () => 0.25 }));
    for (const [own] of measurements) own!.noising.fill(0);
    const [head] = aggregate(measurements).report.heads;
    expect([head!.noising.value, head!.denoising.value, head!.effect.value]).toEqual([0.5, 0.25, 0.375]);
  });

  it("is not observed where clean and corrupted run agree", () => {
    const { report } = aggregate(measured(() => ({ clean: 1, corrupted: 0.95, effect: () => 1 })));
    expect(report.movers).toEqual([]);
    for (const head of report.heads) {
      expect(head.effect).toMatchObject({ value: null, low: null, high: null });
      expect(head.effect.reason).toMatch(/differ by 0.050 logits only/);
      expect([head.pValue, head.qValue, head.rankInterval]).toEqual([null, null, null]);
    }
  });

  it("leaves out pairs whose clean run prefers the wrong answer, and says so", () => {
    const { report } = aggregate(
      measured((fact) => ({ clean: fact < 3 ? -1 : 3, corrupted: -3, effect: () => (fact < 3 ? -9 : 0.5) })),
    );
    expect(report.pairs).toBe(7);
    expect(report.excludedPairs.map(({ prompt }) => prompt)).toEqual([0, 1, 2]);
    expect(report.heads[0]!.effect).toMatchObject({ value: 0.5, n: 7 });
    expect(report.movers).toEqual([]);
  });

  it("excludes prompts without a donor", () => {
    const measurements = measured(() => ({ clean: 3, corrupted: -3, effect: () => 0.5 }));
    measurements[4] = [];
    const { report } = aggregate(measurements);
    expect(report.excludedPairs).toEqual([
      { prompt: 4, reason: "no donor has as many subject tokens as subject 4" },
    ]);
    expect(report.heads[0]!.effect.n).toBe(9);
  });

  it("finds movers in pure noise in about one run of twenty at most", () => {
    let runs = 0;
    for (let seed = 0; seed < 200; seed++) {
      const random = seededRandom(`null ${seed}`);
      const noise = () => random() + random() + random() - 1.5;
      const table = Array.from({ length: F }, () => Array.from({ length: heads }, noise));
      const measurements = measured((fact) => ({
        clean: 3,
        corrupted: -3,
        effect: (head) => table[fact]![head]!,
      }));
      if (aggregate(measurements).report.movers.length) runs++;
    }
    expect(runs / 200).toBeLessThanOrEqual(0.08);
  });
});
