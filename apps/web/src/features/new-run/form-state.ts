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
  /** Ids by commas; empty for the standard ones. */
  analyses: "",
  sweep: "1",
  mode: "EXACT",
  force: "",
} as const;
export type FormValues = Record<keyof typeof FORM_DEFAULTS, string>;

/** Allowed range of each number. */
export const RANGES = {
  shots: { low: 0, high: 8 },
  leadIns: { low: 1, high: 13 },
  seed: { low: 0, high: 2147483647 },
  bootstrap: { low: 100, high: 10000 },
  sweep: { low: 1, high: 104 },
} as const;

export interface FormState {
  settings: Settings;
  /** What stops the start, by field. */
  problems: Partial<Record<keyof typeof RANGES, string>>;
}

export const NO_ANALYSES = "none";

/** @param standard ids of the further analyses that runs make unless told otherwise */
export function readForm(values: FormValues, standard: readonly string[]): FormState {
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
    sweepPrompts: read("sweep"),
    sweepMode: oneOf(values.mode, ["EXACT", "SCREENED"] as const),
    analyses: chosenAnalyses(values.analyses, standard),
    knownFilter: oneOf(values.known, ["CANDIDATE_TOP1", "TOP1", "TOP10"] as const),
  };
  return { settings, problems };
}

const chosenAnalyses = (text: string, standard: readonly string[]): string[] =>
  text === "" ? [...standard] : text === NO_ANALYSES ? [] : text.split(",").filter(Boolean).sort();

/** The address's way to say a choice of analyses. */
export function analysesText(chosen: readonly string[], standard: readonly string[]): string {
  if (chosen.length === 0) return NO_ANALYSES;
  const same = chosen.length === standard.length && chosen.every((id) => standard.includes(id));
  return same ? "" : [...chosen].sort().join(",");
}
