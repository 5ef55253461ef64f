import { expect, it } from "vitest";
import { colorScale, inkOn, largest, roundUp } from "../src/charts/color-scale.ts";
import { heatMapLayout } from "../src/charts/heat-map-layout.ts";
import { toCsv } from "../src/table/figure-table.ts";

it("a CSV quotes what needs it and leaves not-observed values empty", () => {
  expect(
    toCsv({
      columns: ["token", "value"],
      rows: [
        [' "a", b', -0.123456789],
        ["c", null],
      ],
    }),
  ).toBe('token,value\r\n" ""a"", b",-0.123456789\r\nc,');
});

it("scales are centred on 0, symmetric, and clamp at their ends", () => {
  for (const dark of [false, true]) {
    const { color, max } = colorScale("diverging", 0.498, dark);
    expect(max).toBe(0.5);
    expect(color(9)).toBe(color(0.5));
    expect(color(-9)).toBe(color(-0.5));
    expect(color(-0.5)).not.toBe(color(0.5));
    const shares = colorScale("sequential", 0, dark);
    expect(shares.color(-1)).toBe(shares.color(0));
  }
  expect([0.498, 2.72, 1, 0.1, 37, 0].map(roundUp)).toEqual([0.5, 2.8, 1, 0.1, 38, 0]);
  expect(largest([0.1, null, -3])).toBe(3);
});

it("text on a cell keeps its contrast", () => {
  expect([inkOn("#ffffff"), inkOn("rgb(5, 48, 97)")]).toEqual(["#12161b", "#ffffff"]);
});

it("heat maps fit their room and thin out their labels", () => {
  const tall = heatMapLayout(48, 25, { width: 500, height: 560, compact: false });
  expect(tall.width).toBeLessThanOrEqual(500);
  expect(tall.height).toBeLessThanOrEqual(560);
  expect(tall.rowStep * tall.cellHeight).toBeGreaterThanOrEqual(12);
  expect(tall.printsValues).toBe(false);
  expect(heatMapLayout(4, 4, { width: 500, height: 300, compact: false }).printsValues).toBe(true);
});
