import { expect, it } from "vitest";
import { DEFAULT_SETTINGS, type RunSettings } from "../../src/results/receipt.ts";
import { checkSettings } from "../../src/runner/check-settings.ts";

it("accepts the defaults, both modes of sweeps and both precisions", () => {
  expect(DEFAULT_SETTINGS.precision).toBe("F32");
  expect(() => checkSettings({ ...DEFAULT_SETTINGS, precision: "F16" })).not.toThrow();
  expect(DEFAULT_SETTINGS.sweepMode).toBe("EXACT");
  for (const sweepMode of ["EXACT", "SCREENED"] as const)
    expect(() => checkSettings({ ...DEFAULT_SETTINGS, sweepMode })).not.toThrow();
});

it.each([
  [{ sweepMode: "screened" }, "setting sweepMode: screened (allowed: EXACT, SCREENED)"],
  [{ sweepMode: undefined }, "setting sweepMode: undefined (allowed: EXACT, SCREENED)"],
  [{ precision: "BF16" }, "setting precision: BF16 (allowed: F32, F16)"],
  [{ knownFilter: "TOP5" }, "setting knownFilter: TOP5 (allowed: TOP1, TOP10, CANDIDATE_TOP1)"],
  [{ shots: 9 }, "setting shots: 9 (allowed: whole numbers from 0 to 8)"],
])("refuses %o, naming what is allowed", (changes, message) => {
  expect(() => checkSettings({ ...DEFAULT_SETTINGS, ...changes } as RunSettings)).toThrow(message);
});
