import type { Estimate } from "./estimate.ts";

/** Causal checks of the MLP decomposition: what the model does when the MLP's output at the last position is replaced by parts of the fit. */
export interface SurrogatesReport {
  prompts: number;
  facts: number;
  layers: SurrogateLayer[];
  /** Prompts of each fact that the random controls and the weight check used, at most. */
  sweepPrompts: number;
  reason?: string;
}

export interface SurrogateLayer {
  layer: number;
  /** The layer with the largest MLP attribution, or the first MLP that reads what the top mover wrote. */
  chosen: ("HEADLINE" | "AFTER_TOP_MOVER")[];
  clean: Metric;
  fits: SurrogateFit[];
  /** Largest change of the answer's centred logit, in logits, when m is replaced by Xw + b + e: rounding. */
  exactError: number;
  weightCheck: WeightCheck;
}

/** At the last position, mean over prompts, in logits. */
export interface Metric {
  /** logit(answer) - mean over the vocabulary. */
  centred: Estimate;
  /** logit(answer) - mean over the other candidates. */
  candidate: Estimate;
}

export interface SurrogateFit {
  regressors: "R1" | "R2";
  /** m replaced; `MEAN` is 0 and `XW_B_E` is 1 by definition. `ZERO` removes the MLP's output altogether. */
  surrogates: {
    surrogate: "XW_B" | "XW" | "B" | "XW_B_E" | "MEAN" | "ZERO";
    metric: Metric;
    /** (M_surrogate - M_mean) / (M_clean - M_mean), ratio of means; null where the denominator is within 0.1 logits. */
    faithfulness: Metric;
  }[];
  /** m minus a vector: M_clean - M_removed. */
  removals: { removed: "INTERCEPT" | "MEAN"; drop: Metric }[];
  /** Drops of m minus random vectors with the intercept's norm and the covariance of m, against the intercept's on the same prompts. */
  random: { centred: RandomControl; candidate: RandomControl };
}

export interface RandomControl {
  draws: number;
  intercept: number | null;
  mean: number | null;
  sd: number | null;
  /** (intercept - mean) / sd. */
  z: number | null;
  reason?: string;
}

/**
 * Derivative of the MLP's output along x_k, read along x_k: <m(r + d x_k) - m(r - d x_k), x_k> / (2 d |x_k|^2) with d = 0.1, over each fact's
 * first prompts. Regression weights are no Jacobians: they also hold what goes along with x_k over prompts, and the derivative only what
 * x_k does here.
 */
export interface WeightCheck {
  heads: {
    head: string;
    weightR1: number | null;
    weightR2: number | null;
    derivative: Estimate;
    /** The same from m(r) to m(r + d x_k) and from m(r - d x_k) to m(r): they differ where a kink of the MLP is near. */
    up: Estimate;
    down: Estimate;
  }[];
  /** Of the derivative on the weight, over heads. */
  slope: { regressors: "R1" | "R2"; slope: number | null; correlation: number | null; heads: number }[];
}
