import { describe, expect, it } from "vitest";
import type { LabeledArray } from "../../src/results/labeled-array.ts";
import { type ArrayFold, type AxisSlice, sliceArray } from "../../src/results/slice-array.ts";

const NONE = Number.NaN;
/** value = 100 prompt + 10 layer + head; two of them were not observed. */
const array: LabeledArray = {
  name: "effects",
  unit: "logit",
  axes: [
    { dim: "prompt", labels: ["3", "5", "8"] },
    { dim: "layer", labels: ["0", "1"] },
    { dim: "head", labels: ["0", "1"] },
  ],
  values: Float32Array.of(0, 1, 10, 11, 100, NONE, 110, NONE, 200, 201, 210, 211),
};
const slice = (slices: AxisSlice[], fold: ArrayFold | null = null) => {
  const { axes, values, counts } = sliceArray(array, slices, fold);
  return { shape: axes.map(({ labels }) => labels), values: [...values], counts: counts && [...counts] };
};

it("gives the whole array where nothing is asked", () => {
  expect(slice([])).toEqual({
    shape: [
      ["3", "5", "8"],
      ["0", "1"],
      ["0", "1"],
    ],
    values: [...array.values],
    counts: null,
  });
});

it("keeps labels in the order asked, and ranges with both ends", () => {
  expect(
    slice([
      { dim: "prompt", labels: ["8", "3"] },
      { dim: "head", labels: ["1"] },
    ]),
  ).toEqual({ shape: [["8", "3"], ["0", "1"], ["1"]], values: [201, 211, 1, 11], counts: null });
  expect(
    slice([
      { dim: "prompt", from: "5" },
      { dim: "layer", to: "0" },
    ]).values,
  ).toEqual([100, NONE, 200, 201]);
  expect(slice([{ dim: "prompt", from: "5", to: "5" }]).shape[0]).toEqual(["5"]);
  expect(slice([{ dim: "prompt", labels: [] }])).toMatchObject({
    shape: [[], ["0", "1"], ["0", "1"]],
    values: [],
  });
});

describe("folds what was observed, and counts it", () => {
  it.each<[ArrayFold["by"], number[]]>([
    ["MEAN", [100, 101, 110, 111]],
    ["SUM", [300, 202, 330, 222]],
    ["MAX", [200, 201, 210, 211]],
  ])("%s over prompts", (by, values) => {
    expect(slice([], { over: ["prompt"], by })).toEqual({
      shape: [
        ["0", "1"],
        ["0", "1"],
      ],
      values,
      counts: [3, 2, 3, 2],
    });
  });

  it("over several axes at once: a mean of values, not of means", () => {
    expect(slice([], { over: ["prompt", "head"], by: "MEAN" })).toMatchObject({
      values: [(0 + 1 + 100 + 200 + 201) / 5, (10 + 11 + 110 + 210 + 211) / 5],
      counts: [5, 5],
    });
    expect(slice([], { over: ["layer", "prompt", "head"], by: "SUM" })).toMatchObject({
      shape: [],
      values: [1054],
      counts: [10],
    });
  });

  it("a negative maximum stays one, and nothing is no number", () => {
    const negative = { ...array, values: array.values.map((value) => -value - 1) };
    expect([...sliceArray(negative, [], { over: ["prompt", "layer", "head"], by: "MAX" }).values]).toEqual([
      -1,
    ]);
    for (const by of ["MEAN", "SUM", "MAX"] as const)
      expect(
        slice(
          [
            { dim: "prompt", labels: ["5"] },
            { dim: "head", labels: ["1"] },
          ],
          { over: ["layer"], by },
        ),
      ).toMatchObject({ values: [NONE], counts: [0] });
  });
});

describe("refuses", () => {
  it.each<[AxisSlice[], ArrayFold | null, RegExp]>([
    [[{ dim: "token" }], null, /no axis token \(there are: prompt, layer, head\)/],
    [[], { over: ["token"], by: "SUM" }, /no axis token/],
    [[], { over: [], by: "SUM" }, /fold over no axis/],
    [[{ dim: "prompt", labels: ["4"] }], null, /axis prompt: no label 4 \(there are: 3, 5, 8\)/],
    [[{ dim: "prompt", from: "8", to: "3" }], null, /8 comes after 3/],
    [[{ dim: "prompt", labels: ["3"], from: "3" }], null, /give labels, or from and to/],
    [[{ dim: "prompt", labels: ["3", "3"] }], null, /named twice/],
    [[{ dim: "prompt" }, { dim: "prompt" }], null, /sliced twice/],
  ])("%j %j", (slices, fold, message) => {
    expect(() => sliceArray(array, slices, fold)).toThrow(message);
  });

  it("more values than the caller can take, and says how to get fewer", () => {
    expect(() => sliceArray(array, [], null, 11)).toThrow(/12 values \(allowed: up to 11\): .*fold an axis/);
    expect(sliceArray(array, [], { over: ["head"], by: "MEAN" }, 6).values).toHaveLength(6);
  });

  it("with a list of labels that stays short", () => {
    const long = {
      ...array,
      axes: [{ dim: "prompt" as const, labels: Array.from({ length: 500 }, (_, i) => `${i}`) }],
    };
    expect(() => sliceArray(long, [{ dim: "prompt", labels: ["x"] }], null)).toThrow(
      /19, and 480 more up to 499/,
    );
  });
});
