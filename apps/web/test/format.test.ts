import { describe, expect, it } from "vitest";
import { formatEstimate, formatInterval } from "../src/format/estimates.ts";
import { parseHead, visibleToken } from "../src/format/heads.ts";
import {
  formatCount,
  formatDecimal,
  formatNumber,
  formatPValue,
  formatValue,
  plural,
} from "../src/format/numbers.ts";
import { formatDuration } from "../src/format/time.ts";

describe("numbers", () => {
  it("keep three significant digits, with a typographic minus and powers of ten where they are short", () => {
    expect([0, 1.5, -0.01234, 0.5, 123.45, 999.6, -12345.6].map((value) => formatNumber(value))).toEqual([
      "0",
      "1.50",
      "−0.0123",
      "0.500",
      "123",
      "1,000",
      "−12,346",
    ]);
    expect(formatNumber(-3.1e-7)).toBe("−3.10 × 10⁻⁷");
  });

  it("line up in columns: never more than three decimals", () => {
    expect([0.0649, -0.02, 0.0001, -1.814].map(formatDecimal)).toEqual(["0.065", "−0.020", "0.000", "−1.81"]);
  });

  it("follow their unit", () => {
    expect(formatValue(1, "probability")).toBe("100 %");
    expect(formatValue(0.0347, "share")).toBe("3.5 %");
    expect(formatValue(12, "rank")).toBe("12");
    expect(formatCount(134_500_000)).toBe("135 M");
    expect(formatPValue(0.00002)).toBe("p < 0.001");
    expect(formatPValue(null)).toBe("not observed");
    expect([plural(1, "run"), plural(1200, "run")]).toEqual(["1 run", "1,200 runs"]);
  });

  it("say what was not observed", () => {
    const nothing = { value: null, low: null, high: null, n: 0, reason: "no pair" };
    expect(formatEstimate(nothing, "logit")).toBe("not observed");
    expect(formatInterval(nothing, "logit")).toBeNull();
    expect(formatInterval({ value: 1, low: -0.5, high: 2, n: 9, reason: null }, "logit")).toBe(
      "−0.500 to 2.00",
    );
  });
});

describe("heads", () => {
  it("are read in every usual spelling and in no other", () => {
    for (const text of ["L9H8", "l9h8", "9.8", "(9,8)", "a9.h8", " 9, 8 "]) {
      expect(parseHead(text), text).toEqual({ layer: 9, head: 8 });
    }
    for (const text of ["", "L9", "9", "L9H8x", "H8L9", "9.8.7"]) expect(parseHead(text), text).toBeNull();
  });

  it("are written by tokens whose leading space is visible", () => {
    expect([" Paris", "Paris", "\n"].map(visibleToken)).toEqual(["·Paris", "Paris", "⏎"]);
  });
});

it("durations read as people say them", () => {
  expect([3.21, 34, 125, 3720].map(formatDuration)).toEqual(["3.2 s", "34 s", "2 min 05 s", "1 h 02 min"]);
});
