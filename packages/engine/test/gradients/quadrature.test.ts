import { describe, expect, it } from "vitest";
import {
  ATTRIBUTION_PATCHING,
  INTEGRATED_GRADIENTS,
  type Quadrature,
  quadraturePoints,
} from "../../src/gradients/quadrature.ts";

/** F3: f = x^2 from 1 (corrupted) to 3 (clean); the exact difference is 8. */
const estimate = (quadrature: Quadrature, slope = (x: number) => 2 * x): number => {
  const points = quadraturePoints(quadrature);
  return (2 * points.reduce((sum, alpha) => sum + slope(1 + 2 * alpha), 0)) / points.length;
};

describe("rules on x squared", () => {
  it("takes attribution patching's gradient at the corrupted end, not at the clean one", () => {
    expect(estimate(ATTRIBUTION_PATCHING)).toBe(4);
    expect(estimate({ rule: "right", steps: 1 })).toBe(12);
  });

  it.each([
    ["left", 5, 7.2],
    ["right", 5, 8.8],
    ["left", 30, 7.8667],
    ["midpoint", 1, 8],
    ["midpoint", 5, 8],
    ["midpoint", 7, 8],
  ] as const)("%s with %s steps gives %s: end points are not counted twice", (rule, steps, expected) => {
    expect(estimate({ rule, steps })).toBeCloseTo(expected, 4);
  });

  it("tends to the exact difference with every rule", () => {
    for (const rule of ["left", "right", "midpoint"] as const)
      expect(
        estimate({ rule, steps: 4000 }, (x) => 4 * x ** 3),
        rule,
      ).toBeCloseTo(80, 0);
  });
});

it("declares five midpoints as the default", () => {
  expect(quadraturePoints(INTEGRATED_GRADIENTS)).toEqual(
    [0.1, 0.3, 0.5, 0.7, 0.9].map((x) => expect.closeTo(x, 12)),
  );
});

it.each([0, -1, 2.5, Number.NaN])("refuses %s steps", (steps) => {
  expect(() => quadraturePoints({ rule: "midpoint", steps })).toThrow(/steps of integrated gradients: /);
});
