import { describe, expect, it } from "vitest";
import { concentration } from "../../src/comparison/concentration.ts";
import { depthDistance, depthProfile } from "../../src/comparison/depth.ts";
import { buildModelM, runSynthetic } from "../synthetic/model-m-folder.ts";
import { idleAfter, idleBefore, permuteHeads } from "../synthetic/variants.ts";
import { aReport } from "./a-report.ts";

const facts = 8;
const run = async (change?: Parameters<typeof buildModelM>[0]) =>
  runSynthetic(await buildModelM({ facts, ...change }));
const [plain, before, after, permuted] = await Promise.all([
  run(),
  run({ change: idleBefore }),
  run({ change: idleAfter }),
  run({ change: permuteHeads([2, 0, 1]) }),
]);
// |effects| of model M: 1 in layer 0, .5806452 + .2903226 in layer 1.
const LATE = 0.8709677 / 1.8709677;

describe("depth of head effects", () => {
  it("puts heads in the middle of their layer and counts suppressing heads as mass", () => {
    const { curve, centreOfMass } = depthProfile(plain);
    expect(curve.map(({ depth }) => depth)).toEqual([0.25, 0.75]);
    expect(curve[0]!.share).toBeCloseTo(1 - LATE, 5);
    expect(curve[1]!.cumulative).toBeCloseTo(1, 12);
    expect(centreOfMass.value).toBeCloseTo(0.25 + 0.5 * LATE, 5);
    // All facts are alike: the interval is the value.
    expect(centreOfMass.low).toBeCloseTo(centreOfMass.value!, 5);
    expect(centreOfMass).toMatchObject({ n: facts });
  });

  it("moves by an eighth when idle layers stand before or after each layer, and not at all with the heads' order", () => {
    const centre = (report: typeof plain) => depthProfile(report).centreOfMass.value!;
    expect(centre(before)).toBeCloseTo(centre(plain) + 0.125, 5);
    expect(centre(after)).toBeCloseTo(centre(plain) - 0.125, 5);
    expect(centre(permuted)).toBeCloseTo(centre(plain), 5);
    const distance = (a: typeof plain, b: typeof plain) => depthDistance(depthProfile(a), depthProfile(b));
    expect(distance(plain, before)).toBeCloseTo(0.125, 5);
    expect(distance(before, plain)).toBeCloseTo(0.125, 5);
    expect(distance(before, after)).toBeCloseTo(0.25, 5);
    expect(distance(plain, plain)).toBe(0);
  });

  it("draws facts, and takes the centre of the mean effects, not the mean of centres", () => {
    // Fact 0 works in the first layer and fact 1 in the second, with three times the logits.
    const made = aReport(plain, {
      layers: 2,
      headsPerLayer: 1,
      facts: [0, 1].map((f) => ({ subject: `s${f}`, answer: `a${f}` })),
      prompts: [
        { fact: 0, changes: [1, 0] },
        { fact: 1, changes: [0, 3] },
      ],
    });
    expect(depthProfile(made).centreOfMass).toEqual({
      value: 0.25 * 0.25 + 0.75 * 0.75,
      low: 0.25,
      high: 0.75,
      n: 2,
    });
  });

  it("is not observed without effects, and has no interval where pairs were not kept", () => {
    const empty = structuredClone(plain);
    for (const head of empty.argumentPassing.heads)
      head.effect = { value: null, low: null, high: null, n: 0, reason: "why" };
    expect(depthProfile(empty)).toMatchObject({
      curve: [],
      reason: "why",
      centreOfMass: { value: null, reason: "why" },
    });
    expect(depthDistance(depthProfile(plain), depthProfile(empty))).toBeNull();
    const zero = structuredClone(plain);
    for (const head of zero.argumentPassing.heads) head.effect.value = 0;
    expect(depthProfile(zero).reason).toBe("no head has an effect");
    const old = { ...plain, arrays: plain.arrays.filter(({ name }) => name !== "patching.clean") };
    const { centreOfMass } = depthProfile(old);
    expect(centreOfMass.value).toBeCloseTo(0.25 + 0.5 * LATE, 5);
    expect(centreOfMass).toMatchObject({
      low: null,
      high: null,
      reason: expect.stringMatching(/older engine/),
    });
  });
});

describe("concentration of head effects", () => {
  it("counts effective heads of model M, whatever their order and however many are idle", () => {
    const squares = 1 + 0.5806452 ** 2 + 0.2903226 ** 2;
    for (const [report, heads] of [
      [plain, 6],
      [permuted, 6],
      [before, 12],
    ] as const) {
      const found = concentration(report);
      expect(found.heads).toBe(heads);
      expect(found.effectiveHeads).toBeCloseTo(1.8709677 ** 2 / squares, 4);
      expect(found.effectiveShare).toBeCloseTo(1.8709677 ** 2 / squares / heads, 4);
      expect(found.top1Share).toBeCloseTo(1 / 1.8709677, 5);
      expect(found.top5Share).toBeCloseTo(1, 5);
      expect([found.headsTo50, found.headsTo80]).toEqual([1, 2]);
    }
  });

  it("needs as many equal heads as the share says", () => {
    const equal = aReport(plain, {
      layers: 5,
      headsPerLayer: 2,
      facts: [{ subject: "s", answer: "a" }],
      prompts: [{ fact: 0, changes: [1, -1, 1, 1, 1, -1, 1, 1, 1, 1] }],
    });
    const found = concentration(equal);
    expect(found.effectiveHeads).toBeCloseTo(10, 10);
    expect(found).toMatchObject({ headsTo50: 5, headsTo80: 8 });
    expect([found.top1Share, found.top5Share]).toEqual([expect.closeTo(0.1, 12), expect.closeTo(0.5, 12)]);
  });

  it("is not observed without effects", () => {
    const zero = structuredClone(plain);
    for (const head of zero.argumentPassing.heads) head.effect.value = 0;
    expect(concentration(zero)).toMatchObject({
      effectiveHeads: null,
      headsTo50: null,
      reason: "no head has an effect",
    });
  });
});
