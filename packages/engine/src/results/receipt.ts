import type { ModelFacts } from "../architectures/architecture.ts";
import { type ComputeDtype, DEFAULT_PRECISION, type Device, type Precision } from "../session/device.ts";

/** What a reader needs to make the same numbers again. */
export interface Receipt {
  engineVersion: string;
  /** Bumped whenever the meaning of a hook or a metric changes: numbers of different semantics are not compared. */
  semanticsVersion: number;
  model: ModelSummary;
  taskId: string;
  taskHash: string;
  /** Tasks whose prompts about the same subjects further analyses could use; absent in runs of an engine without them. */
  related?: { id: string; hash: string }[];
  settings: RunSettings;
  device: Device;
  /** Of products with the model's matrices; everything else is float32. */
  computeDtype: ComputeDtype;
  /** Seconds from start to report. */
  seconds: number;
  startedAt: string;
  runtime: { node: string; onnxruntime: string; platform: string };
}

export interface ModelSummary {
  /** What the user called it: folder, GGUF file, name from models/, or hub id. */
  name: string;
  /** Name of its GGUF file; null for a model that is none, absent in old receipts. */
  file?: string | null;
  /** The commit its files are of, where they are a snapshot of a hub model; null for other folders, absent in old receipts. */
  hub?: { id: string; commit: string } | null;
  architecture: string;
  layers: number;
  heads: number;
  kvHeads: number;
  width: number;
  headWidth: number;
  mlpWidth: number;
  vocabulary: number;
  positions: number;
  /** Number formats of its weights as stored, such as "F16" or "F32+Q4_1+Q8_0". */
  dtype: string;
  parameters: number;
  tied: boolean;
  /** How its blocks are built; absent in reports of an engine that knew serial blocks with norms before only. */
  form?: Pick<ModelFacts, "block" | "postNorm" | "logitCap">;
  /** sha-256 over config.json and the weight files, or over the GGUF file. */
  weightHash: string;
  tokenizerHash: string;
  bos: { prepended: boolean; token: number | null };
  selfCheck: SelfCheck;
}

/** Largest errors of the identities that hold in every transformer, relative to the largest value involved. */
export interface SelfCheck {
  residualSum: number;
  headSum: number;
  patternValue: number;
  lensLogits: number;
  /** What the check was computed on and in; absent in reports of an engine that knew the CPU and float32 only. */
  device?: Device;
  computeDtype?: ComputeDtype;
  /** The largest difference from the CPU on a small trial, forward and back, relative to the largest value of a kind; absent on the CPU. */
  deviceError?: number;
  /** Which device `auto` took, and why; absent where one was named. */
  deviceReason?: string;
  passed: boolean;
}

export const KNOWN_FILTERS = ["TOP1", "TOP10", "CANDIDATE_TOP1"] as const;
export type KnownFilter = (typeof KNOWN_FILTERS)[number];

/** SCREENED estimates every place by gradients and patches exactly what could matter; EXACT patches everything. */
export const SWEEP_MODES = ["EXACT", "SCREENED"] as const;
export type SweepMode = (typeof SWEEP_MODES)[number];

export interface RunSettings {
  /** Demonstrations before the query, 0-8. */
  shots: number;
  seed: number;
  /** A fact is known when this holds on at least half of its prompts. */
  knownFilter: KnownFilter;
  /** Lead-ins per core clause (the first is none at all), 1-13. */
  leadIns: number;
  bootstrapSamples: number;
  /** Which further analyses to run (see FURTHER_ANALYSES), sorted. */
  analyses: readonly string[];
  /** Prompts of each fact that further analyses with one pass per head use: its first ones, 1-104. */
  sweepPrompts: number;
  /** How `head-position-sweep` goes through its places; receipts of an engine without it lack this and mean EXACT. */
  sweepMode: SweepMode;
  /** What products with the model's matrices are computed in; receipts of an engine without it lack this and mean F32. */
  precision: Precision;
}

export const DEFAULT_SETTINGS: RunSettings = {
  shots: 0,
  seed: 1,
  knownFilter: "CANDIDATE_TOP1",
  leadIns: 2,
  bootstrapSamples: 2000,
  analyses: [
    "activation-patching",
    "attention-knockout",
    "implicit-function",
    "joint-effect",
    "linear-map",
    "redirect",
    "relation-patching",
    "source-attribution",
    "trajectories",
  ],
  sweepPrompts: 1,
  sweepMode: "EXACT",
  precision: DEFAULT_PRECISION,
};
