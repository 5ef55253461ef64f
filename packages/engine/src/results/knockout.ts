import type { Estimate } from "./estimate.ts";

/** Which keys the last position does not see: the subject, and as controls the relation word, position 0, and all others. */
export const KNOCKOUT_TARGETS = ["subject", "relation", "first", "rest"] as const;
export type KnockoutTarget = (typeof KNOCKOUT_TARGETS)[number];

/** Changes (knocked out minus clean, so negative = the edge was needed) when all heads of layers `from` to `to` lose the keys. */
export interface KnockoutWindow {
  /** Layer the window is centred on. */
  layer: number;
  /** First and last layer that lose the keys. */
  from: number;
  to: number;
  /** log p(answer), in nats. */
  logProb: Estimate;
  /** The same as a share of the clean |log p(answer)|, ratio of means; null where the clean model is certain. */
  relativeLogProb: Estimate;
  /** p(answer) as a share of the clean p(answer), ratio of means (Geva et al. 2023). */
  relativeProbability: Estimate;
  /** logit(answer) minus the mean of the other candidates, in logits; null with a single candidate. */
  candidateLogitDiff: Estimate;
}

export interface KnockoutCurve {
  target: KnockoutTarget;
  /** Prompts that have such keys. */
  prompts: number;
  /** One per layer. */
  windows: KnockoutWindow[];
  /**
   * Relative depth (layer + 0.5) / layers of the window that lowers log p(answer) most, the mean over ties, with its bootstrap interval; null
   * where no window's interval lies below 0.
   */
  largestDrop: Estimate;
}

/** Attention knockout from the last position (Geva et al. 2023): the depth at which it takes what it needs from each part of the prompt. */
export interface AttentionKnockoutReport {
  prompts: number;
  facts: number;
  /** Windows reach this many layers to each side: max(1, round(layers / 10)). */
  radius: number;
  cleanLogProb: Estimate;
  cleanProbability: Estimate;
  cleanCandidateLogitDiff: Estimate;
  curves: KnockoutCurve[];
}
