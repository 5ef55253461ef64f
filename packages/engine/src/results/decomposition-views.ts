import type { Estimate } from "./estimate.ts";
import type { WeightLabel } from "./report.ts";

/**
 * What explains the MLP's output: R1 the heads of its layer, R2 all heads up to it, R3 movers + all other heads together + previous MLPs
 * together + embedding, R4 = R2 + each previous MLP + embedding, R5 the residual stream that the MLP reads as one regressor.
 */
export type RegressorSet = "R1" | "R2" | "R3" | "R4" | "R5";
/**
 * P1 one fit over the task (w and vector b), P2 one fit per fact over its prompts (vector b_f), P3 one fit per prompt over the coordinates
 * of d_model (scalar intercept). P2 and P3 are means over facts.
 */
export type Pooling = "P1" | "P2" | "P3";
/** `raw`: as written; `ln`: divided by the scale of the norm before the MLP, times its mean over prompts. */
export type RegressorScale = "raw" | "ln";

export interface DecompositionViewsReport {
  /** The layers below: at or after the earliest mover (else the head with the largest effect), and the headline layer. */
  layers: number[];
  layersFrom: "EARLIEST_MOVER" | "TOP_HEAD" | "ALL";
  headlineLayer: number | null;
  prompts: number;
  facts: number;
  frames: number;
  /** Whether vectors are centred over d_model (LayerNorm). */
  centred: boolean;
  fits: ViewFit[];
  /** Sign of w in the three poolings, for R1 each layer's own heads, for R2 these and the movers. */
  heads: HeadSigns[];
  /** Regressors given to the wrong prompts; headline layer and the MLP after the top mover. */
  shuffled: ShuffledFit[];
  identities: {
    /** T1: largest difference, in logits on a candidate, between the intercept of a fit without regressors and mean m: 0. */
    emptyRegressors: number;
    /** T2: largest |mean over prompts of <b, u_y - mean u_y>| / scale over P1 fits, in logits: 0. */
    specificity: number;
  };
  reason?: string;
}

export interface ViewFit {
  layer: number;
  regressors: RegressorSet;
  pooling: Pooling;
  scale: RegressorScale;
  /** Ridge penalty on the standardised scale; null: none. P2 takes P1's; P3 has 1e-6 for R2 and R4, else none. */
  lambda: number | null;
  /** Number of regressors. */
  count: number;
  /** Of the standardised Gram matrix; P1 only, as is all of the report on collinearity. */
  rank: number | null;
  condition: number | null;
  maxVarianceInflation: number | null;
  /** Regressors that do not vary: their part is in the intercept. */
  constant: string[];
  collinear: CollinearGroup[];
  r2Within: number | null;
  /** P1 only. `r2Uncentred` is never to be quoted without `r2Mean`, that of the mean alone. */
  r2Uncentred: number | null;
  r2Mean: number | null;
  /** P1 only: 5 x 5 folds over facts, and every frame (at most 5 parts of them) held out; penalties chosen inside the training part. */
  r2HeldOutFacts: HeldOutR2;
  r2HeldOutFrames: HeldOutR2;
  /** One per regressor for R1, R3 and R5; those of R2 and R4 stand in the arrays `decomposition-views.<set>.<pooling>.<scale>.weight`. */
  weights: ViewWeight[];
  typeGain: TypeGain | null;
  /** Direct logit attribution of the MLP's output, split; the three parts add up to `mlp`. */
  parts: Record<"mlp" | "regressors" | "intercept" | "residual", PartGain>;
  reason?: string;
}

export interface HeldOutR2 {
  mean: number | null;
  sd: number | null;
  folds: number;
  reason?: string;
}

/** Regressors of which only a combination is told apart from the others. */
export interface CollinearGroup {
  regressors: string[];
  /** Sum of w_k x_k in units of the first regressor; null where the group has more than one direction. */
  total: number | null;
}

export interface ViewWeight {
  /** `L9H8`, `rest`, `MLPs`, `MLP3`, `embedding`, `resid_mid`. */
  regressor: string;
  weight: number | null;
  low: number | null;
  high: number | null;
  standardError: number | null;
  varianceInflation: number | null;
  /** False for constant regressors and members of a collinear group. */
  identifiable: boolean;
  verdict: WeightLabel;
}

/** Mean over known facts of a vector's centred logit on the fact's answer (frozen norm, mean scale), with intervals by the jackknife. */
export interface TypeGain {
  intercept: Estimate;
  /** The mean MLP output, which the intercept has to beat. */
  mean: Estimate;
  interceptOverMean: Estimate;
  /** Fitted without the fact whose answer is read. */
  interceptHeldOut: Estimate;
  meanHeldOut: Estimate;
}

/** Logits of a part under each prompt's frozen final norm, mean over prompts. */
export interface PartGain {
  /** On the answer against the vocabulary's mean: what the part does for the answer type and the answer. */
  centred: Estimate;
  /** On the answer against the mean of the other candidates (specific gain): 0 for one intercept of balanced answers (T2). */
  candidate: Estimate;
}

export interface HeadSigns {
  /** Layer of the MLP. */
  layer: number;
  regressors: "R1" | "R2";
  head: string;
  p1: number | null;
  p2: number | null;
  p3: number | null;
  /** How many of the three have P1's sign (P1 itself is one); null where P1 has none. */
  agreeing: number | null;
  /** P1's sign is found in at least one other pooling. */
  holds: boolean;
}

/** Weights and R2 when facts and frames of the regressors are permuted against those of the MLP. */
export interface ShuffledFit {
  layer: number;
  regressors: RegressorSet;
  shuffles: number;
  r2Within: number | null;
  r2Shuffled: { mean: number; high: number } | null;
  /** (1 + #{shuffled R2 >= R2}) / (1 + shuffles). */
  pValue: number | null;
  weights: {
    regressor: string;
    weight: number | null;
    /** 2.5 and 97.5 % of the shuffled weights. */
    low: number | null;
    high: number | null;
    /** Two-sided. */
    pValue: number | null;
  }[];
  reason?: string;
}
