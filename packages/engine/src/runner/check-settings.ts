import { FURTHER_ANALYSES } from "../analyses/index.ts";
import { EngineError } from "../errors.ts";
import { KNOWN_FILTERS, type RunSettings, SWEEP_MODES } from "../results/receipt.ts";
import { PRECISIONS } from "../session/device.ts";
import { LEAD_INS } from "../tasks/lead-ins.ts";

/** Allowed ranges of whole-number settings. */
export const SETTING_RANGES = {
  shots: [0, 8],
  seed: [0, 2 ** 31 - 1],
  leadIns: [1, LEAD_INS.length],
  bootstrapSamples: [100, 10_000],
  sweepPrompts: [1, 104],
} as const;

/** Refuses settings outside their ranges, naming the range. */
export function checkSettings(settings: RunSettings): void {
  for (const [key, [low, high]] of Object.entries(SETTING_RANGES)) {
    const value = settings[key as keyof typeof SETTING_RANGES];
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new EngineError(
        "BAD_SETTINGS",
        `setting ${key}: ${value} (allowed: whole numbers from ${low} to ${high})`,
      );
    }
  }
  const allowed = Object.keys(FURTHER_ANALYSES);
  for (const id of settings.analyses) {
    if (!allowed.includes(id))
      throw new EngineError("BAD_SETTINGS", `setting analyses: ${id} (allowed: ${allowed.join(", ")})`);
  }
  for (const [key, names] of [
    ["knownFilter", KNOWN_FILTERS],
    ["sweepMode", SWEEP_MODES],
    ["precision", PRECISIONS],
  ] as const) {
    if (!names.some((name) => name === settings[key]))
      throw new EngineError(
        "BAD_SETTINGS",
        `setting ${key}: ${settings[key]} (allowed: ${names.join(", ")})`,
      );
  }
}
