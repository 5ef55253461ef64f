import type { Estimate } from "./estimate.ts";

/** Median and quartiles over facts, each `[state]`; null where no fact was observed. */
export interface Quartiles {
  lower: (number | null)[];
  median: (number | null)[];
  upper: (number | null)[];
}

/** What the logit lens says of one kind of token at every state; a fact's number is the median over its prompts. */
export interface TokenTrajectory {
  /** 0 = top; tokens with a strictly larger logit. */
  rank: Quartiles;
  /** Logit minus the vocabulary's mean. */
  centredLogit: Quartiles;
  probability: Quartiles;
  /** Facts behind the numbers. */
  facts: number;
  reason?: string;
}

/** Where on the way something happens. */
export interface TrajectoryStage {
  /** Place in `states` on the median trajectories of the task; null: it does not happen. */
  state: number | null;
  /** Mean depth (0 = L0.pre, 1 = after the last layer) over the prompts on which it happens. */
  depth: Estimate;
  /** Prompts on which it happens, of `prompts`. */
  observed: number;
}

export type TrajectoryLabel = "argument-function" | "attribute extraction by heads" | "not observed";

/**
 * Function application as it shows at the last position: the subject's token comes up first, then the answer takes over. States are those of
 * the residual stream, `L0.pre, L0.mid, L0.post, L1.mid, ...`.
 */
export interface TrajectoriesReport {
  states: { label: string; layer: number; point: "pre" | "mid" | "post"; depth: number }[];
  /** Prompts of known facts, and those left out because subject and answer start with the same token. */
  prompts: number;
  excluded: number;
  subject: TokenTrajectory;
  answer: TokenTrajectory;
  /** At each state the likeliest of the answers that related tasks give for the same subject. */
  otherRelation: TokenTrajectory;
  /** The donor's subject in place of the fact's own. */
  control: TokenTrajectory;
  /** Smallest rank of the subject; of equal ranks the one with the largest centred logit. */
  argumentPeak: TrajectoryStage;
  /** First state from which the answer's rank is below the subject's for good. */
  crossover: TrajectoryStage;
  /** First state from which the answer's rank is never worse than its final one. */
  saturation: TrajectoryStage;
  /** Largest rank that counts as an argument stage: 50, and at most 1 % of the vocabulary. */
  rankLimit: number;
  /**
   * Share of prompts with an argument stage: before the crossover the subject reaches `rankLimit` with a logit above the vocabulary's mean,
   * and its peak lies before the crossover.
   */
  signature: Estimate;
  /** The same share for the donor's subject; expected near 0. */
  controlSignature: Estimate;
  /** Difference of the two on prompts that have both. */
  signatureGain: Estimate;
  /** How much the answer's centred lens logit rises over all attention sublayers, and over all MLPs. */
  attentionRise: Estimate;
  mlpRise: Estimate;
  /** attentionRise - mlpRise. */
  attentionLead: Estimate;
  /**
   * `argument-function`: signature >= 0.5 and the interval of signatureGain above 0. `attribute extraction by heads`: the interval of
   * signature below 0.5, those of attentionRise and attentionLead above 0. Else `not observed`, with the reason.
   */
  label: TrajectoryLabel;
  reason?: string;
}
