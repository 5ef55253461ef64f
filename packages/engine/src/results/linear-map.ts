import type { Estimate } from "./estimate.ts";

/**
 * One MLP's output as a linear map of what the mover heads bring: m - mean ~ J (x - mean) over facts. A map that generalises says that m
 * follows x linearly; x may carry the answer in another form already (see copyAccuracy of the implicit function). With demonstrations, a small
 * r2HeldOut may come from demonstrations that facts share.
 */
export interface LayerLinearMap {
  layer: number;
  /** The heads whose outputs are summed to x. */
  heads: string[];
  /** Principal components of x in use: at most 16 and half the facts. */
  components: number;
  /** Ridge penalty of the fit on all facts, as a share of the components' mean sum of squares; null without a fit. */
  penalty: number | null;
  /** R2 on facts left out of components, map and choice of the penalty, against their training facts' mean; may be below 0. */
  r2HeldOut: Estimate;
  /** R2 on the facts the map was fitted to: never evidence by itself. */
  r2InSample: number | null;
  /** R2 of plain least squares on every direction of x: 1 whenever the facts' x are linearly independent. */
  r2FullRank: number | null;
  /** Share of facts whose answer is strictly the top candidate of J (x - mean), J from other facts. */
  accuracyHeldOut: Estimate;
  accuracyInSample: Estimate;
  /** The same of the MLP's own output, m - mean of the training facts: what a map could reach. */
  accuracyOfOutput: Estimate;
  /** accuracyOfOutput - accuracyHeldOut, paired by fact: what the map misses on new facts. */
  accuracyGap: Estimate;
  /** One-sided exact binomial tests of accuracyHeldOut and accuracyOfOutput against `baseline`; q over layers. */
  heldOutP: number | null;
  heldOutQ: number | null;
  outputP: number | null;
  outputQ: number | null;
  /**
   * `generalises`: heldOutQ < 0.05 and the interval of r2HeldOut above 0. `look-up`: the output names the answer (outputQ < 0.05), the map does
   * not on new facts (heldOutQ >= 0.05), and the interval of accuracyGap is above 0. Else `inconclusive`, with the reason.
   */
  verdict: "generalises" | "look-up" | "inconclusive";
  reason?: string;
}

export interface LinearMapReport {
  movers: string[];
  facts: number;
  /** Prompts that the facts' means are taken over. */
  prompts: number;
  /** Grouped folds, and how often they were drawn anew. */
  folds: number;
  repeats: number;
  /** See ImplicitFunctionReport. */
  chance: number;
  baseline: number | null;
  layers: LayerLinearMap[];
  /** Why there are no layers. */
  reason?: string;
}
