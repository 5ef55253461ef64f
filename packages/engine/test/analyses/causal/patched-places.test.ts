import { afterAll, describe, expect, it } from "vitest";
import {
  isFound,
  pairsReport,
  patchEffects,
  RatioTest,
  usable,
} from "../../../src/analyses/argument-passing/activation-patching-effects.ts";
import type { Pair } from "../../../src/analyses/argument-passing/activation-patching-pairs.ts";
import {
  type PatchedPair,
  type Place,
  patchPlaces,
} from "../../../src/analyses/argument-passing/activation-patching-sweep.ts";
import { hookName } from "../../../src/hooks/hook-points.ts";
import { FactBootstrap } from "../../../src/math/fact-bootstrap.ts";
import { execute } from "../../../src/planner/execute.ts";
import type { ForwardPass } from "../../../src/planner/forward-pass.ts";
import { DEFAULT_SETTINGS } from "../../../src/results/receipt.ts";
import { firstDifference } from "../../../src/tasks/counterfactuals/counterfactual.ts";
import { FAMILIES, openOracle } from "../../oracles/oracle.ts";

const [ANSWER, WRONG] = [3, 7];

describe.each(FAMILIES)("patched places of %s", async (family) => {
  const { session, prompts } = await openOracle(family);
  const { layers, heads } = session.spec.facts;
  afterAll(() => session.close());
  const [tokens, other] = [prompts("clean")[0]!, prompts("corrupted")[0]!];
  const different = firstDifference(tokens, other);
  let passes = 0;
  const run = (plan: readonly ForwardPass[]) => {
    passes += plan.length;
    return execute(session, plan);
  };
  const pair = (changes: Partial<Pair["counterfactual"]> = {}): Pair => ({
    prompt: {
      index: 0,
      fact: 0,
      frame: "plain/none",
      text: "",
      tokens,
      subjectSpan: [different, different + 1],
      roles: { relation: [0, different], shots: [] },
      answerToken: ANSWER,
      answerTokens: [ANSWER],
      corrupted: null,
    },
    counterfactual: {
      source: "other",
      tokens: other,
      positions: { last: other.length - 1, subjLast: different, relLast: different - 1 },
      wrongToken: WRONG,
      aligned: true,
      ...changes,
    },
  });
  const patch = async (own: Pair, places: Place[]): Promise<PatchedPair> =>
    (await patchPlaces([[own]], places, { execute: run, progress: () => {} }))[0]![0]!;

  it("are the other run where the last state is taken over, in both directions", async () => {
    const own = await patch(pair(), [{ point: "hook_resid_post", layer: layers - 1, position: "last" }]);
    expect(own.noising[0]).toBeCloseTo(own.corrupted, 5);
    expect(own.denoising[0]).toBeCloseTo(own.clean, 5);
    expect(Math.abs(own.clean - own.corrupted)).toBeGreaterThan(1e-3);
  });

  it("take the role of the other prompt, not the position, where token counts differ", async () => {
    const longer = [...other, 5, 9];
    const own = await patch(
      pair({
        tokens: longer,
        positions: { last: longer.length - 1, subjLast: different + 1, relLast: null },
        aligned: false,
      }),
      [
        { point: "hook_resid_post", layer: layers - 1, position: "last" },
        { point: "hook_resid_pre", layer: 1, position: "subjLast" },
        { point: "hook_resid_pre", layer: 1, position: "relLast" },
      ],
    );
    expect(own.noising[0]).toBeCloseTo(own.corrupted, 5);
    expect(own.denoising[0]).toBeCloseTo(own.clean, 5);
    const hook = hookName("hook_resid_pre", 1);
    const query = { tokens: [ANSWER, WRONG] };
    const [source] = await run([{ tokens: longer, capture: [{ hook, positions: "all" }] }]);
    const { width } = session.spec.facts;
    const value = source!.captures.get(hook)!.slice((different + 1) * width, (different + 2) * width);
    const [expected] = await run([
      { tokens, query, edits: [{ hook, position: different, scale: 0, value }] },
    ]);
    expect(own.noising[1]).toBeCloseTo(expected!.queried![0]! - expected!.queried![1]!, 5);
    expect([own.noising[2], own.denoising[2]]).toEqual([Number.NaN, Number.NaN]);
  });

  it("change exactly nothing before the first difference, and need no pass for it", async () => {
    const points = ["hook_resid_pre", "hook_attn_out", "hook_mlp_out"] as const;
    const places = points.flatMap((point) =>
      Array.from({ length: layers }, (_, layer): Place => ({ point, layer, position: "relLast" })),
    );
    passes = 0;
    const own = await patch(pair(), places);
    expect(passes).toBe(2);
    for (const value of own.noising) expect(value).toBe(own.clean);
    for (const value of own.denoising) expect(value).toBe(own.corrupted);
    // The rule itself, with passes.
    const query = { tokens: [ANSWER, WRONG] };
    const [, , ...patched] = await run([
      { tokens, query },
      { tokens: other },
      ...places.map(({ point, layer }) => ({
        tokens,
        query,
        edits: [{ hook: hookName(point, layer), position: different - 1, scale: 0, value: { pass: 1 } }],
      })),
    ]);
    for (const { queried } of patched) expect(queried![0]! - queried![1]!).toBeCloseTo(own.clean, 5);
  });

  it("are attn_out where all heads of a layer are patched", async () => {
    for (let layer = 0; layer < layers; layer++) {
      for (const position of ["last", "subjLast"] as const) {
        const own = await patch(pair(), [
          { point: "hook_attn_out", layer, position },
          { point: "attn.hook_z", layer, position, heads: Array.from({ length: heads }, (_, head) => head) },
          { point: "attn.hook_z", layer, position, heads: [0] },
        ]);
        expect(own.noising[1]).toBeCloseTo(own.noising[0]!, 5);
        expect(own.denoising[1]).toBeCloseTo(own.denoising[0]!, 5);
        if (position === "last") expect(own.noising[2]).not.toBeCloseTo(own.noising[0]!, 5);
      }
    }
  });

  it("give the same together and one by one", async () => {
    const places = (["last", "subjLast"] as const).flatMap((position) =>
      Array.from({ length: layers }, (_, layer): Place => ({ point: "hook_mlp_out", layer, position })),
    );
    const second = { ...pair(), prompt: { ...pair().prompt, index: 1 } };
    const together = await patchPlaces([[pair(), second], [pair()]], places, {
      execute: run,
      progress: () => {},
    });
    expect(together.map((own) => own.map(({ prompt }) => prompt))).toEqual([[0, 1], [0]]);
    for (const [i, place] of places.entries()) {
      const alone = await patch(pair(), [place]);
      for (const { noising, denoising } of together.flat()) {
        expect(noising[i]).toBeCloseTo(alone.noising[0]!, 5);
        expect(denoising[i]).toBeCloseTo(alone.denoising[0]!, 5);
      }
    }
  });
});

describe("normalised effects of places", () => {
  const FACTS = 10;
  const context = {
    bootstrap: new FactBootstrap(FACTS, 200, 1),
    settings: { ...DEFAULT_SETTINGS, bootstrapSamples: 200 },
  };
  const made = (of: (fact: number) => Partial<PatchedPair>) =>
    Array.from({ length: FACTS }, (_, fact): PatchedPair[] => [
      {
        prompt: fact,
        clean: 3,
        corrupted: -1,
        noising: Float64Array.of(1, 3),
        denoising: Float64Array.of(1, -1),
        ...of(fact),
      },
    ]);

  it("are ratios of means, not means of ratios", () => {
    const [place] = patchEffects(
      made((fact) =>
        fact === 0
          ? { clean: 0.01, corrupted: 0, noising: Float64Array.of(-1, 0), denoising: Float64Array.of(1, 0) }
          : {},
      ),
      2,
      context,
    );
    expect(place!.noising.value).toBeCloseTo((1.01 + 9 * 2) / (0.01 + 9 * 4), 10);
    expect(place!.denoising.value).toBeCloseTo((1 + 9 * 2) / (0.01 + 9 * 4), 10);
    expect(place!.effect.value).toBeCloseTo((2.01 / 2 + 9 * 2) / (0.01 + 9 * 4), 10);
  });

  it("divide by the prompts that have the place, not by all", () => {
    const [place] = patchEffects(
      made((fact) =>
        fact < 4
          ? { noising: Float64Array.of(Number.NaN, 3), denoising: Float64Array.of(Number.NaN, 3) }
          : {},
      ),
      2,
      context,
    );
    expect(place!.effect).toMatchObject({ value: 0.5, n: 6 });
  });

  it("are not observed where clean and corrupted runs hardly differ, or no prompt has the place", () => {
    const [close] = patchEffects(
      made(() => ({ corrupted: 2.95 })),
      1,
      context,
    );
    expect(close!.effect).toMatchObject({ value: null, low: null });
    expect(close!.effect.reason).toMatch(/differ by 0.050 logits only/);
    expect([close!.pValue, close!.qValue]).toEqual([null, null]);
    const nothing = { noising: Float64Array.of(Number.NaN), denoising: Float64Array.of(Number.NaN) };
    const [absent] = patchEffects(
      made(() => nothing),
      1,
      context,
    );
    expect(absent!.effect).toMatchObject({ value: null, reason: "no usable pair", n: 0 });
    expect(isFound(absent!)).toBe(false);
  });

  it("test over facts and control the false discovery rate over places", () => {
    const [found, nothing] = patchEffects(
      made(() => ({})),
      2,
      context,
    );
    // 2 of 2^10 sign patterns are as extreme, of 2 places.
    expect(found!.pValue).toBeLessThan(0.005);
    expect(found!.qValue).toBeCloseTo(2 * found!.pValue!, 10);
    expect(nothing!.pValue).toBe(1);
    expect([isFound(found!), isFound(nothing!)]).toEqual([true, false]);
  });

  it("can find one place among many: flips go on where 4999 of them cannot tell", () => {
    const many = Array.from({ length: 40 }, (): PatchedPair[] => [
      {
        prompt: 0,
        clean: 3,
        corrupted: -1,
        noising: Float64Array.of(1, 3),
        denoising: Float64Array.of(1, -1),
      },
    ]);
    const own = { ...context, bootstrap: new FactBootstrap(40, 200, 1) };
    const of = (family: number) => patchEffects(many, 2, own, new RatioTest(own, family));
    const [few, enough] = [of(2)[0]!, of(1620)[0]!];
    expect(few.pValue).toBe(1 / 5000);
    expect(enough.pValue).toBe(1 / (1 + 1620 / 0.05));
    expect([isFound(few), isFound(enough)]).toEqual([true, true]);
    // With the p-value that 4999 flips allow, a lone finding among so many has q above 0.05.
    expect((1620 * few.pValue!) / 1).toBeGreaterThan(0.05);
    expect(1620 * enough.pValue!).toBeLessThan(0.05);
    expect(of(1620)[1]!.pValue).toBe(1);
  });

  it("leave out pairs whose clean run prefers the wrong answer, and count them", () => {
    const patched = made((fact) => (fact < 3 ? { clean: -2, noising: Float64Array.of(9, 9) } : {}));
    const report = pairsReport(patched, { dropped: [{ prompt: 77, reason: "none" }] }, context);
    expect(report.pairs).toBe(7);
    expect(report.excludedPairs.map(({ prompt }) => prompt)).toEqual([0, 1, 2, 77]);
    expect(report.cleanMetric).toMatchObject({ value: 3, n: 7 });
    const [place] = patchEffects(usable(patched), 2, context);
    expect(place!.noising).toMatchObject({ value: 0.5, n: 7 });
    expect(isFound(place!)).toBe(false);
  });
});
