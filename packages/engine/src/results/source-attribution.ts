import type { Estimate } from "./estimate.ts";

/**
 * What the positions of a prompt are to its query, each position in one group, the first that fits in this order: the query's subject, the
 * word that names the relation, answers and subjects of the demonstrations, the last position itself, position 0 (the start token where the
 * model has one), everything else.
 */
export const SOURCE_GROUPS = [
  "subject",
  "relation",
  "demonstration answers",
  "demonstration subjects",
  "last",
  "first",
  "rest",
] as const;
export type SourceGroup = (typeof SOURCE_GROUPS)[number];

export const HEAD_ROLES = [
  "argument passer",
  "attribute extractor",
  "relation head",
  "mixed",
  "none",
] as const;
export type HeadRole = (typeof HEAD_ROLES)[number];

/**
 * Direct logit attribution under the frozen final norm, in logits: what a head's output adds to centred logits (logit minus the
 * vocabulary's mean).
 */
export interface AttributionTargets {
  /** The subject's first token; null where it is the answer's first token too. */
  subject: Estimate;
  answer: Estimate;
  /** The answer minus the mean of the task's other candidates; null with a single candidate. */
  answerOverCandidates: Estimate;
  /** Mean over all candidates of the task: the answer's type. */
  candidates: Estimate;
}

/** What a head takes from one group of positions; null on a group that no prompt has. */
export interface HeadSource {
  group: SourceGroup;
  /** Attention of the last position, summed over the group. */
  attention: Estimate;
  /** Share of sum_j |attention_j v_j W_O|; null for a head that writes nothing. */
  valueShare: Estimate;
  attribution: AttributionTargets;
}

/** Pearson's r over prompts between attention on the subject and what the head writes of it; null where either does not vary. */
export interface PassingCorrelation {
  /** <a, u_s>: the output against the unembedding row of the subject's first token as stored. */
  raw: Estimate;
  /** The same as the authors process models: final norm's gain folded in, unembedding centred over the vocabulary. */
  folded: Estimate;
}

export interface HeadSources {
  layer: number;
  head: number;
  /** `L9H8` */
  label: string;
  /** By `rule` of the report; null with fewer than 8 known facts. */
  role: HeadRole | null;
  /** In the order of SOURCE_GROUPS. */
  sources: HeadSource[];
  /** Over all positions: the head's direct logit attribution. The sources add up to it prompt by prompt. */
  total: AttributionTargets;
  /** <a, u_s>, in the unembedding's own units. */
  writesOfSubject: Estimate;
  correlation: PassingCorrelation;
}

/** Where each head's output at the last position comes from (Chughtai et al. 2024), over all prompts of the known facts. */
export interface SourceAttributionReport {
  prompts: number;
  facts: number;
  /** Prompts that have positions of the group. */
  groups: { group: SourceGroup; prompts: number }[];
  /** Position 0 is a start token that the tokenizer puts there. */
  startToken: boolean;
  /** Least direct logit attribution (logits) that a role asks for, besides an interval above 0. */
  roleThreshold: number;
  /** Why no role is given; absent where roles are judged. */
  roleReason?: string;
  /** max over prompts, heads and targets of |sum over sources - attribution of the head's output|, in logits. */
  sumError: number;
  /** In layer-major order: heads[layer * headsPerLayer + head]. */
  heads: HeadSources[];
}
