import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { writeJson } from "../src/files.ts";
import { grouped, percent, short, withInterval } from "../src/output/numbers.ts";
import { pairs, table } from "../src/output/table.ts";

it("prints three significant digits, and a dash for what was not observed", () => {
  expect([0.123456, 1.23456, 12.3456, 123.456, -0.5, 0, 0.0001234, 123456].map(short)).toEqual([
    "0.123",
    "1.23",
    "12.3",
    "123",
    "-0.500",
    "0.000",
    "1.23e-4",
    "1.23e+5",
  ]);
  expect(short(null)).toBe("-");
  expect(percent(0.4567)).toBe("45.7 %");
  expect(grouped(1234567)).toBe("1,234,567");
});

it("prints an estimate with its interval, or the reason why there is none", () => {
  expect(withInterval({ value: 0.5, low: 0.25, high: 0.75, n: 9 })).toBe("0.500 [0.250, 0.750]");
  expect(withInterval({ value: 0.5, low: null, high: null, n: 1 })).toBe("0.500");
  expect(withInterval({ value: null, low: null, high: null, n: 0, reason: "no pair" })).toBe(
    "not observed (no pair)",
  );
});

it("aligns tables and pairs", () => {
  expect(
    table(
      ["head", "n"],
      [
        ["L9H8", "1"],
        ["L10H11", "12"],
      ],
    ),
  ).toBe("head     n\n------  --\nL9H8     1\nL10H11  12");
  expect(
    pairs([
      ["a", "1"],
      ["long", "2"],
    ]),
  ).toBe("a     1\nlong  2");
});

it("writes typed arrays as arrays and NaN as null", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "recallscope-cli-"));
  const file = path.join(folder, "report.json");
  await writeJson(file, { values: new Float32Array([1, Number.NaN, 0.5]), reason: "kept" });
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ values: [1, null, 0.5], reason: "kept" });
  await rm(folder, { recursive: true });
});
