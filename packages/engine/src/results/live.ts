import type { BlockPoint } from "../hooks/hook-points.ts";

/** A token as a person should see it. */
export interface ShownToken {
  id: number;
  text: string;
}

/** One head on one prompt. */
export interface LiveAttention {
  tokens: ShownToken[];
  layer: number;
  head: number;
  /** Softmax weights `[destination, source]`, row-major; each row sums to 1, and what lies after the destination is 0. */
  pattern: Float32Array;
  /** |v_j W_O,h| of each source `[source]`: how much there is to be read, whoever looks. In units of the stream; of a model that norms what its attention writes, before that norm's scale. */
  valueNorms: Float32Array;
  /** att_ij |v_j W_O,h| as share of its sum over j, `[destination, source]`; NaN where the head reads nothing but zeros. */
  valueWeighted: Float32Array;
}

/** The prompts behind a patching effect: the run's own counterfactual, token for token as long as the prompt. */
export interface LivePair {
  clean: ShownToken[];
  corrupted: ShownToken[];
  answer: ShownToken;
  /** The counterfactual's answer. */
  wrong: ShownToken;
}

/** logit(answer) - logit(wrong) of one pair: unchanged, and with one value after the other taken from the other run; in logits. */
export interface PatchedLogits {
  clean: number;
  corrupted: number;
  /** Clean run with the corrupted value. */
  noising: ArrayLike<number>;
  /** Corrupted run with the clean value. */
  denoising: ArrayLike<number>;
}

/** The same in the unit of effects: 0 = nothing, 1 = all of the difference between the runs. */
export interface PromptEffects {
  /** (clean - noising) / (clean - corrupted). */
  noising: Float64Array;
  /** (denoising - corrupted) / (clean - corrupted). */
  denoising: Float64Array;
  /** Mean of both. */
  effect: Float64Array;
}

/** One line of places of the same kind, one for each of the positions. */
export interface PatchedRow {
  label: string;
  point: BlockPoint;
  layer: number;
  head: number | null;
}

export interface LivePatching extends PatchedLogits {
  pair: LivePair;
  rows: PatchedRow[];
  positions: number[];
  /** `[row, position]` */
  noising: Float32Array;
  denoising: Float32Array;
}

/** What one part of the model sends to another, see `LiveFlow`. */
export interface FlowEdge {
  from: string;
  to: string;
  kind: FlowEdgeKind;
  layer: number | null;
  /** LD(clean) - LD(patched), in logits: positive = what passes here speaks for the answer. */
  effect: number;
}

/**
 * - SUBJECT_TO_HEAD: the head's z at the last position takes its value of the corrupted run; everything after it follows. As the prompts differ in
 *   the subject only, this is all that the subject does through the head.
 * - HEAD_TO_ANSWER: path patching, head -> final residual stream, attention and MLPs after it frozen.
 * - HEAD_TO_MLP: path patching, head -> input of the MLP, attention and MLPs between them frozen; what follows the MLP is recomputed.
 * - MLP_TO_ANSWER: path patching, MLP -> final residual stream, attention and MLPs after it frozen.
 */
export const FLOW_EDGE_KINDS = ["SUBJECT_TO_HEAD", "HEAD_TO_ANSWER", "HEAD_TO_MLP", "MLP_TO_ANSWER"] as const;
export type FlowEdgeKind = (typeof FLOW_EDGE_KINDS)[number];

/** Each edge is an experiment of its own on the clean run of one pair; as models are not linear, edges at a node need not balance. */
export interface LiveFlow {
  pair: LivePair;
  /** LD = logit(answer) - logit(wrong) of the unchanged runs. */
  clean: number;
  corrupted: number;
  edges: FlowEdge[];
}

/** An MLP's task-aware intercept as a vector of the residual stream. */
export interface LiveIntercept {
  vector: Float32Array;
  norm: number;
  prompts: number;
}
