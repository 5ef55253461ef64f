import type { Estimate } from "./estimate.ts";
import type { FurtherReports } from "./further.ts";
import type { LabeledArray } from "./labeled-array.ts";
import type { Receipt } from "./receipt.ts";

/** Everything one run (model x task x settings) measured. Plain data: it crosses threads and is what the store keeps. */
export interface RunReport {
  receipt: Receipt;
  task: TaskReport;
  prompts: PromptRecord[];
  prediction: PredictionReport;
  argumentPassing: ArgumentPassingReport;
  mlpActivation: MlpActivationReport;
  functionApplication: FunctionApplicationReport;
  finalLayer: FinalLayerReport;
  /** What the further analyses of `settings.analyses` found, by id; absent in runs of an engine that had none. */
  further?: Partial<FurtherReports>;
  /** Per-prompt and other bulk numbers behind the figures, by name. */
  arrays: LabeledArray[];
  /** Things a reader must know: insufficient facts, excluded pairs, approximations. */
  warnings: string[];
}

/** What was asked for, what was kept, and why the rest was not. */
export interface TaskReport {
  id: string;
  title: string;
  factsTotal: number;
  factsAdmitted: number;
  factsKnown: number;
  /** Fewer than 8 known facts: only descriptive numbers are given. */
  sufficient: boolean;
  dropped: { subject: string; answer: string; reason: string }[];
  facts: FactRecord[];
  /** Answers the candidate rank is taken among: one entry per distinct first token. */
  candidates: { token: number; text: string; answers: string[] }[];
}

export interface FactRecord {
  index: number;
  subject: string;
  answer: string;
  answerToken: number;
  multiToken: boolean;
  /** Share of the fact's prompts on which the known filter holds. */
  knownShare: number;
  known: boolean;
  /** Subject of the fact that replaces this one in the corrupted prompts; null where none has the same token count. */
  donor: string | null;
}

export interface PromptRecord {
  index: number;
  fact: number;
  /** `clause/leadIn`, e.g. `capital-of/none`. */
  frame: string;
  text: string;
  tokens: number[];
  tokenTexts: string[];
  /** Token positions of the query's subject, first and one past the last. */
  subjectSpan: [number, number];
  known: boolean;
  rank: number;
  candidateRank: number;
  probability: number;
  logProb: number;
  /** logit(answer) minus the vocabulary's mean logit. */
  centredLogit: number;
  /** All tokens of the answer are top-1 when forced; null for one-token answers (see rank). */
  fullAnswerTop1: boolean | null;
  topTokens: { token: number; text: string; probability: number }[];
}

/** States of the residual stream at the last position, in order: `L0.pre, L0.mid, L0.post(= L1.pre), ...`. */
export interface LensReport {
  states: { label: string; layer: number; point: "pre" | "mid" | "post"; depth: number }[];
  answer: LensTrajectory;
  subject: LensTrajectory;
}
export interface LensTrajectory {
  medianRank: (number | null)[];
  centredLogit: Estimate[];
  probability: Estimate[];
}

export interface PredictionReport {
  /** Over all admitted facts. */
  top1: Estimate;
  candidateTop1: Estimate;
  medianRank: number | null;
  probability: Estimate;
  logProb: Estimate;
  chance: number;
  /** Over known facts. */
  lens: LensReport;
  directLogitAttribution: {
    metric: "candidate_logit_diff";
    /** `embed`, `pos_embed`, `L0H0`, `L0.attn_bias`, `MLP0`, ...; contribution to the answer against the mean of the other candidates. */
    components: {
      label: string;
      kind: "embed" | "head" | "attn_bias" | "mlp";
      layer: number | null;
      head: number | null;
      answer: Estimate;
      centred: Estimate;
    }[];
    /** max over prompts and tokens of |sum of components + constant - centred logit|, in logits. */
    completenessError: number;
  };
}

export interface HeadReport {
  layer: number;
  head: number;
  label: string;
  /** Attention of the last position to the subject's tokens. */
  attentionToSubject: Estimate;
  /** Share of |attention x value x W_O| that comes from the subject's tokens. */
  valueWeightedShare: Estimate;
  /** Direct logit attribution, in logits against the vocabulary's mean: on the subject's first token and on the answer. */
  dlaSubject: Estimate;
  dlaAnswer: Estimate;
  /** Normalised effect of patching hook_z at the last position: ratio of means, corrupted value into the clean run. */
  noising: Estimate;
  /** The reverse: clean value into the corrupted run. */
  denoising: Estimate;
  /** Mean of noising and denoising: the score heads are ranked by. */
  effect: Estimate;
  rank: number;
  /** 2.5-97.5 % of the rank over bootstrap resamples of the facts. */
  rankInterval: [number, number] | null;
  /** Two-sided sign-flip test over facts, and its Benjamini-Hochberg q-value over all heads. */
  pValue: number | null;
  qValue: number | null;
  /** q < 0.05, interval above 0, effect >= 0.02. */
  mover: boolean;
}

export interface ArgumentPassingReport {
  corruption: "SUBJECT";
  metric: "logit_diff";
  position: "last";
  layers: number;
  headsPerLayer: number;
  cleanMetric: Estimate;
  corruptedMetric: Estimate;
  pairs: number;
  excludedPairs: { prompt: number; reason: string }[];
  /** In layer-major order: heads[layer * headsPerLayer + head]. */
  heads: HeadReport[];
  movers: string[];
}

export type WeightLabel = "amplified" | "erased" | "damped" | "inverted" | "no evidence" | "not identifiable";
export interface HeadWeight {
  layer: number;
  head: number;
  label: string;
  /** Regression weight w; the residual stream then carries 1 + w of what the head wrote. */
  weight: number | null;
  low: number | null;
  high: number | null;
  standardError: number | null;
  /** How much collinearity with the other regressors inflates the weight's variance (1 = none); null where they are linearly dependent. */
  varianceInflation: number | null;
  identifiable: boolean;
  verdict: WeightLabel;
}
export interface DecompositionReport {
  layer: number;
  regressors: "R1" | "R2";
  pooling: "P1";
  centred: boolean;
  /** null: solved without ridge. */
  lambda: number | null;
  rank: number;
  condition: number | null;
  r2Within: number | null;
  /** Uncentred R2, never to be quoted without `r2Mean`, that of the mean alone. */
  r2Uncentred: number | null;
  r2Mean: number | null;
  r2HeldOut: { mean: number | null; sd: number | null; folds: number; reason?: string };
  weights: HeadWeight[];
  interceptNorm: number;
  reason?: string;
}
export interface MlpActivationReport {
  /** Layer whose MLP has the largest direct logit attribution to the answer against the other candidates. */
  headlineLayer: number | null;
  decompositions: DecompositionReport[];
}

export interface TokenReadout {
  token: number;
  text: string;
  value: number;
  candidate: boolean;
}
export interface InterceptReport {
  layer: number;
  regressors: "R1" | "R2";
  top: TokenReadout[];
  bottom: TokenReadout[];
  /** Candidates among the top 20 and the hypergeometric p-value of that many or more. */
  candidatesInTop: number;
  pValue: number;
  /** Mean over known facts of the intercept's centred logit on the fact's answer (frozen norm); one intercept serves all of them. */
  typeGain: Estimate;
  /** The same for the mean MLP output: the intercept has to beat this. */
  typeGainOfMean: Estimate;
  /** cosine between the intercept and the mean MLP output. */
  cosineWithMean: number | null;
}
export interface FunctionApplicationReport {
  intercepts: InterceptReport[];
}

export interface SweepPoint {
  alpha: number;
  probability: Estimate;
  logProb: Estimate;
  meanRank: Estimate;
  top1: Estimate;
  candidateTop1: Estimate;
}
export interface SweepCurve {
  target: "HEADS" | "MLP" | "JOINT";
  points: SweepPoint[];
  /** Chosen on train facts by mean log-probability (ties: nearest 1). */
  bestAlpha: number | null;
  /** Test facts only: at bestAlpha minus at 1. */
  testLogProbGain: Estimate;
  testRankChange: Estimate;
}
export interface FinalLayerReport {
  layer: number;
  /** log p(answer) after the final layer minus the lens before it. */
  logProbChange: Estimate;
  rankChange: Estimate;
  entropyChange: Estimate;
  /** Shapley shares of logProbChange: they add up to it. */
  headPart: Estimate;
  mlpPart: Estimate;
  scalePart: Estimate;
  heads: { head: number; label: string; dlaAnswer: Estimate; dlaCandidates: Estimate; suppressor: boolean }[];
  mlpDla: Estimate;
  sweeps: SweepCurve[];
  temperature: { best: number | null; testLogProbGain: Estimate };
  /** Interval of logProbChange below 0: OBSERVED; inside +-0.05 nats or above 0: NOT_OBSERVED; else INCONCLUSIVE. */
  suppression: "OBSERVED" | "NOT_OBSERVED" | "INCONCLUSIVE";
}
