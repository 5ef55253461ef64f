import type { Estimate } from "./estimate.ts";

/** What heads get instead of their own output at the last position: that of the corrupted run, or nothing. */
export type Replacement = "CORRUPTED" | "ZERO";
/**
 * NOISING: in the clean run the replaced heads lose their output; effect = clean - patched. DENOISING: in the run where all is replaced (the
 * corrupted run; the clean run with all heads of the set zeroed) they get their clean output back; effect = patched - that run.
 */
export type Direction = "NOISING" | "DENOISING";
export type JointMetric = "logit_diff" | "answer_logit";

export const JOINT_VERDICTS = ["AND-like", "OR-like or backup", "additive", "inconclusive"] as const;
export type JointVerdict = (typeof JOINT_VERDICTS)[number];

/** Effects of a set of heads together and one by one. */
export interface SetEffect {
  joint: Estimate;
  /** Sum of the single effects. */
  sum: Estimate;
  /** joint - sum */
  interaction: Estimate;
}

export interface JointView {
  replacement: Replacement;
  direction: Direction;
  metric: JointMetric;
  /** In logits, over all pairs of prompts. */
  raw: SetEffect;
  /**
   * As shares of the mean of clean - corrupted (ZERO: of clean - all zeroed, so that `joint` is 1 by definition), ratio of means over pairs
   * whose clean run prefers the answer; null where that is 0.1 logits or less.
   */
  normalised: SetEffect;
  /** Single effects in the order of the report's `heads`, in logits. */
  singles: Estimate[];
  /** Interactions of two heads (both - one - other), in logits, for the first 8 heads; `[first, second]` count in `heads`. */
  pairs: { heads: [number, number]; interaction: Estimate }[];
  /**
   * By the interval of the normalised interaction: inside +-0.02 additive; else below 0 under NOISING AND-like, above 0 OR-like or backup
   * (under DENOISING the other way round: one input of an AND gate restores nothing, one of an OR gate everything); else inconclusive. null
   * with fewer than 8 facts or without a normalised interaction.
   */
  verdict: JointVerdict | null;
  reason?: string;
}

/** Heads with the largest |effect|. */
export interface MassView {
  share: number;
  /** Smallest set that carries at least `share` of the sum of |effect|. */
  reaching: string[];
  /** The authors' display rule: the largest set of the strongest heads that carries no more than `share`. */
  within: string[];
}

/** Whether the heads that pass the argument work together: their joint effect at the last position against the sum of single effects. */
export interface JointEffectReport {
  /** Where the set comes from: the movers, or the 5 heads with the largest effect where there are fewer than 2 movers. */
  set: "movers" | "top heads";
  /** Labels in order of their rank. */
  heads: string[];
  /** Prompt pairs used: the first `sweepPrompts` of each known fact that have a donor. */
  pairs: number;
  /** Of those, pairs whose clean run prefers the donor's answer: left out of normalised effects. */
  pairsWithoutLead: number;
  clean: { logitDiff: Estimate; answerLogit: Estimate };
  corrupted: { logitDiff: Estimate; answerLogit: Estimate };
  /** Empty with a reason where there is nothing to patch. */
  views: JointView[];
  reason?: string;
  mass: MassView[];
}
