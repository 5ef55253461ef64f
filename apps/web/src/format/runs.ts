import type { Settings } from "@/graphql/fragments.ts";

export const shotsLabel = (shots: number): string => (shots === 0 ? "zero-shot" : `${shots}-shot`);

/** The last part of a folder path or hub id: `HuggingFaceTB/SmolLM2-135M` -> `SmolLM2-135M`. */
export const shortModelName = (name: string): string =>
  name.replace(/\/+$/, "").split(/[/\\]/).at(-1) || name;

export const KNOWN_FILTER_LABELS: Record<Settings["knownFilter"], string> = {
  CANDIDATE_TOP1: "right among the task's candidates",
  TOP1: "top-1 of the vocabulary",
  TOP10: "top-10 of the vocabulary",
};

export const PRECISION_LABELS: Record<Settings["precision"], string> = { F32: "float32", F16: "float16" };

export const SWEEP_MODE_LABELS: Record<Settings["sweepMode"], string> = {
  EXACT: "exact: every place patched",
  SCREENED: "screened by gradients, audited",
};
