import type { Settings } from "@/graphql/fragments.ts";
import { oneOf } from "@/state/url-state.ts";

/** The form lives in the address, so that a filled-in page can be shared. Defaults are the engine's. */
export const FORM_DEFAULTS = {
  /** Names by commas, as tasks are: several make a study. */
  model: "",
  task: "",
  /** Numbers by commas. */
  shots: "0",
  known: "CANDIDATE_TOP1",
  leadIns: "2",
  seed: "1",
  bootstrap: "2000",
  /** Ids by commas; empty for the standard ones. */
  analyses: "",
  sweep: "1",
  mode: "EXACT",
  precision: "F32",
  /** Of a worker; empty for any. */
  device: "",
  force: "",
  /** Of the study. */
  name: "",
  /** Which cell the preview shows: places of its model, task and shots, `0.1.0`. */
  cell: "",
} as const;
export type FormValues = Record<keyof typeof FORM_DEFAULTS, string>;

/** Allowed range of each number. */
export const RANGES = {
  leadIns: { low: 1, high: 13 },
  seed: { low: 0, high: 2147483647 },
  bootstrap: { low: 100, high: 10000 },
  sweep: { low: 1, high: 104 },
} as const;
export const MOST_SHOTS = 8;

export interface FormState {
  /** One for each number of shots. */
  settings: [Settings, ...Settings[]];
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
  const common = {
    seed: read("seed"),
    leadIns: read("leadIns"),
    bootstrapSamples: read("bootstrap"),
    sweepPrompts: read("sweep"),
    sweepMode: oneOf(values.mode, ["EXACT", "SCREENED"] as const),
    precision: oneOf(values.precision, ["F32", "F16"] as const),
    analyses: chosenAnalyses(values.analyses, standard),
    knownFilter: oneOf(values.known, ["CANDIDATE_TOP1", "TOP1", "TOP10"] as const),
  };
  const [first, ...rest] = readShots(values.shots).map((shots) => ({ ...common, shots }));
  return { settings: [first ?? { ...common, shots: 0 }, ...rest], problems };
}

export const readShots = (text: string): number[] =>
  Array.from({ length: MOST_SHOTS + 1 }, (_, shots) => shots).filter((shots) =>
    text.split(",").includes(String(shots)),
  );

/** Places of model, task and shots in the grid; the first ones for what lies outside. */
export function readCell(text: string, sizes: readonly [number, number, number]): [number, number, number] {
  const places = text.split(".").map(Number);
  const place = (side: 0 | 1 | 2) => {
    const value = places[side];
    return value !== undefined && Number.isInteger(value) && value >= 0 && value < sizes[side] ? value : 0;
  };
  return [place(0), place(1), place(2)];
}

const chosenAnalyses = (text: string, standard: readonly string[]): string[] =>
  text === "" ? [...standard] : text === NO_ANALYSES ? [] : text.split(",").filter(Boolean).sort();

/** The address's way to say a choice of analyses. */
export function analysesText(chosen: readonly string[], standard: readonly string[]): string {
  if (chosen.length === 0) return NO_ANALYSES;
  const same = chosen.length === standard.length && chosen.every((id) => standard.includes(id));
  return same ? "" : [...chosen].sort().join(",");
}
