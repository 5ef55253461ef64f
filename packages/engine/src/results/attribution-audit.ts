import type { QUADRATURE_RULES } from "../gradients/quadrature.ts";
import type { Estimate } from "./estimate.ts";

/**
 * Sets of heads that were patched exactly. MEASURED: all of them, which are mostly the heads of largest |attribution| and so favour the
 * attribution. RANDOM: drawn from all heads, the unbiased view. OUTSIDE_TOP: drawn from the heads that attribution patching passes over.
 */
export const AUDITED_SETS = ["MEASURED", "RANDOM", "OUTSIDE_TOP"] as const;
export type AuditedSet = (typeof AUDITED_SETS)[number];

/** A number of heads out of those that could have been such, and which they are; count null with a reason where there were none to look at. */
export interface HeadCount {
  count: number | null;
  of: number;
  heads: string[];
  reason?: string;
}

/** One approximation against exact patching. */
export interface AttributionMethodAudit {
  method: "ATTRIBUTION_PATCHING" | "INTEGRATED_GRADIENTS";
  /** Inputs between corrupted (0) and clean (1) that gradients were taken at; attribution patching is one `left` step. */
  rule: (typeof QUADRATURE_RULES)[number];
  steps: number;
  /**
   * Spearman's rank correlation of estimated and exact effects over the set's heads (`heads` of them), with its interval by the jackknife
   * over facts (Fisher's z); null with fewer than 3 heads, or where one side does not vary.
   */
  agreement: { set: AuditedSet; heads: number; spearman: Estimate }[];
  /** Of all measured heads with |exact effect| >= `minEffect`: those that the estimate gives the opposite sign. */
  signErrors: HeadCount;
  /** Of the OUTSIDE_TOP heads that are not among the `top` largest |estimates| of this method: those with |exact effect| >= `minEffect`. */
  falseNegatives: HeadCount;
  /**
   * Sum of the attributions of all inputs (blocks.0.hook_resid_pre) as a share of clean - corrupted, which is 1 for integrated gradients with
   * enough steps; null for attribution patching, which has no such property.
   */
  completeness: Estimate;
}

/** Normalised effects: shares of the mean of clean - corrupted (ratio of means over pairs). */
export interface AuditedHead {
  layer: number;
  head: number;
  label: string;
  attribution: Estimate;
  integrated: Estimate;
  /** Denoising: the metric of the corrupted run with this head's clean z at the last position. null where the head was not patched. */
  exact: Estimate;
  /** One of the `top` heads of largest |attribution|. */
  inTop: boolean;
  sets: AuditedSet[];
}

/** How far attribution patching and integrated gradients of heads at the last position can be trusted on this task. */
export interface AttributionAuditReport {
  corruption: "SUBJECT";
  metric: "logit_diff";
  position: "last";
  /** Both estimate this: the clean value put into the corrupted run. */
  direction: "DENOISING";
  /** Pairs used: the first `promptsPerFact` prompts of each known fact that have a donor and whose clean run prefers the answer. */
  pairs: number;
  promptsPerFact: number;
  excludedPairs: { prompt: number; reason: string }[];
  cleanMetric: Estimate;
  corruptedMetric: Estimate;
  /** Heads counted as found by an attribution: those of largest |attribution|. */
  top: number;
  /** Heads patched exactly. */
  measured: number;
  /** |normalised effect| from which a head matters. */
  minEffect: number;
  /** Empty with a reason where there is nothing to compare. */
  methods: AttributionMethodAudit[];
  reason?: string;
  /** In layer-major order: heads[layer * headsPerLayer + head]. */
  heads: AuditedHead[];
}
