import type { Role } from "../tasks/counterfactuals/counterfactual.ts";
import type { Estimate } from "./estimate.ts";

/** The pairs of prompts behind a patching result. */
export interface PatchedPairs {
  /** Prompts of each fact that were patched, at most (its first ones). */
  promptsPerFact: number;
  /** Pairs behind the normalised effects. */
  pairs: number;
  /** Prompts without a counterfactual, and pairs whose clean run prefers the wrong answer. */
  excludedPairs: { prompt: number; reason: string }[];
  /** Mean logit(answer) - logit(wrong answer), in logits, over the pairs used. */
  cleanMetric: Estimate;
  corruptedMetric: Estimate;
}

/**
 * Normalised effects of one patched place, ratios of means over pairs: 0 = nothing, 1 = all of the difference between the runs. Null
 * where no pair was observed or where clean and corrupted runs differ by 0.1 logits or less in the mean.
 */
export interface PatchEffect {
  /** (clean - clean run with the corrupted value) / (clean - corrupted). */
  noising: Estimate;
  /** (corrupted run with the clean value - corrupted) / (clean - corrupted). */
  denoising: Estimate;
  /** Mean of both. */
  effect: Estimate;
  /** Two-sided sign-flip test of `effect` over facts; null for fewer than two facts. */
  pValue: number | null;
  /** Benjamini-Hochberg over all places of the report. */
  qValue: number | null;
}

export type PatchedPoint = "hook_resid_pre" | "hook_attn_out" | "hook_mlp_out";

/** Activation patching of layers at the positions that carry a role, under subject corruption. */
export interface ActivationPatchingReport extends PatchedPairs {
  corruption: "SUBJECT";
  metric: "logit_diff";
  /** By point, position, layer: the layer runs fastest. */
  places: (PatchEffect & { point: PatchedPoint; position: Role; layer: number })[];
}

/** Activation patching of every head's z at subject and relation positions, under subject corruption. */
export interface HeadPositionPatchingReport extends PatchedPairs {
  corruption: "SUBJECT";
  metric: "logit_diff";
  /** By position, layer, head: the head runs fastest. */
  places: (PatchEffect & { position: Role; layer: number; head: number; label: string })[];
}
