import type { Settings } from "@/graphql/fragments.ts";
import { oneOf } from "@/state/url-state.ts";

/** The form lives in the address, so that a filled-in page can be shared. Defaults are the engine's. */
export const FORM_DEFAULTS = {
  model: "",
  task: "",
  shots: "0",
  known: "CANDIDATE_TOP1",
  leadIns: "2",
  seed: "1",
  bootstrap: "2000",
  force: "",
} as const;
export type FormValues = Record<keyof typeof FORM_DEFAULTS, string>;

/** Allowed range of each number. */
export const RANGES = {
  shots: { low: 0, high: 8 },
  leadIns: { low: 1, high: 13 },
  seed: { low: 0, high: 2147483647 },
  bootstrap: { low: 100, high: 10000 },
} as const;

export interface FormState {
  settings: Settings;
  /** What stops the start, by field. */
  problems: Partial<Record<keyof typeof RANGES, string>>;
}

export function readForm(values: FormValues): FormState {
  const problems: FormState["problems"] = {};
  const read = (name: keyof typeof RANGES): number => {
    const { low, high } = RANGES[name];
    const value = Number(values[name]);
    if (!Number.isInteger(value) || values[name].trim() === "" || value < low || value > high) {
      problems[name] = `a whole number from ${low} to ${high}`;
      return Number(FORM_DEFAULTS[name]);
    }
    return value;
  };
  const settings: Settings = {
    shots: read("shots"),
    seed: read("seed"),
    leadIns: read("leadIns"),
    bootstrapSamples: read("bootstrap"),
    knownFilter: oneOf(values.known, ["CANDIDATE_TOP1", "TOP1", "TOP10"] as const),
  };
  return { settings, problems };
}
