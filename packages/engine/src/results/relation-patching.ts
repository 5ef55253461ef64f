import type { PatchEffect, PatchedPairs } from "./activation-patching.ts";
import type { Estimate } from "./estimate.ts";

/** Activation patching of heads at the last position under relation corruption: which heads say what is asked. */
export interface RelationPatchingReport extends PatchedPairs {
  corruption: "RELATION";
  metric: "logit_diff";
  position: "last";
  /** Why nothing was measured; null where it was. */
  reason: string | null;
  /** Related tasks the counterfactuals came from. */
  sources: { source: string; prompts: number }[];
  /** Pairs whose tokens stand at the same places; in the others only the role of the last position is shared. */
  alignedPairs: number;
  /** In layer-major order; empty where nothing was measured. */
  heads: RelationHeadReport[];
  /** By effect, the largest first. */
  relationHeads: string[];
  interplay: InterplayReport;
}

export interface RelationHeadReport extends PatchEffect {
  layer: number;
  head: number;
  label: string;
  /** q < 0.05, interval above 0, effect >= 0.02; never on fewer than 8 facts. */
  relationHead: boolean;
  /** Mover under subject corruption. */
  mover: boolean;
}

/** How relation heads and subject movers work together. */
export interface InterplayReport {
  /** Why nothing was measured; null where it was. */
  reason: string | null;
  /** Heads that are both, and the hypergeometric p-value of that many or more. */
  shared: string[];
  sharedPValue: number | null;
  /**
   * Drop of logit(answer) - mean logit, in logits, when the movers' z at the last position comes from the subject-corrupted run, the
   * relation heads' from the relation-corrupted run, and both (heads of both sets then take the subject-corrupted value).
   */
  moversPatched: Estimate;
  relationHeadsPatched: Estimate;
  bothPatched: Estimate;
  /**
   * bothPatched minus moversPatched minus the drop of the relation heads that are no movers: below 0 either alone stops the recall (AND),
   * above 0 one stands in for the other. Null where every relation head is a mover.
   */
  interaction: Estimate;
}
