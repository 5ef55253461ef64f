import type { Estimate } from "./estimate.ts";

/**
 * Whether the intercept of the MLP decomposition is made for its task. All fits are R1 (the heads of the layer), which needs no penalty with
 * enough facts, on the known facts of each task; all gains under one frozen norm (mean scale over all prompts of the study).
 */
export interface InterceptTestsReport {
  tasks: {
    taskId: string;
    facts: number;
    prompts: number;
    headlineLayer: number | null;
    /** Between the intercept of the headline layer and that of every layer, `[layer]`; null for a zero vector or without headline layer. */
    layerCosines: (number | null)[];
  }[];
  /** Headline layers of the tasks, each with all tasks. */
  layers: InterceptLayer[];
  transplants: Transplant[];
  reason?: string;
}

export interface InterceptLayer {
  layer: number;
  /** Tasks whose headline layer this is. */
  headlineOf: string[];
  crossTask: CrossTaskTest;
  joint: JointFit;
  tasks: TaskIntercept[];
  /** Between the intercepts of tasks, `[task][task]`; null for a zero vector. */
  cosines: (number | null)[][];
}

/** D[t][t'] = mean gain of task t's intercept on the answers of task t' (its known facts', one each), in centred logits. */
export interface TaskMatrix {
  matrix: number[][];
  /** T = mean over t of D[t][t] - mean over t' != t of D[t][t']. */
  statistic: number;
  /** (1 + #{T of permuted facts >= T}) / (1 + permutations): facts change task as wholes, with their answer; task sizes stay; all is refitted. */
  pValue: number;
  /** The same for each task's own row. */
  rowP: number[];
}
export interface CrossTaskTest {
  /** Tasks with disjoint answers, most facts first; the others are left out. */
  tasks: string[];
  leftOut: { taskId: string; reason: string }[];
  permutations: number;
  intercept: TaskMatrix | null;
  /** Diagonal on the answers of facts that the fit has not seen (5 folds). */
  heldOut: TaskMatrix | null;
  /** The same for the mean MLP output in place of the intercept. */
  mean: TaskMatrix | null;
  reason?: string;
}

/** P4: one w for all tasks, one intercept per task. */
export interface JointFit {
  lambda: number | null;
  weights: {
    head: string;
    weight: number | null;
    low: number | null;
    high: number | null;
    /** The same head in each task's own fit, in the order of the report's tasks. */
    perTask: (number | null)[];
  }[];
  /** Within tasks, of the joint fit and of one w per task. */
  r2Within: number | null;
  r2Separate: number | null;
  reason?: string;
}

export interface TaskIntercept {
  taskId: string;
  interceptNorm: number;
  /** Gain on the task's own answers, in centred logits: of the intercept, of the joint fit's, of the mean MLP output. */
  gain: number;
  gainJoint: number;
  gainOfMean: number;
  /** Random vectors with the intercept's norm and the covariance of m. */
  random: { draws: number; mean: number | null; sd: number | null; z: number | null; reason?: string };
  /** On sentences that ask for no fact, with the task's own w: what this MLP always adds. */
  generic: {
    prompts: number;
    gain: number | null;
    /** Of the intercept minus the generic one. */
    gainOfDifference: number | null;
    cosine: number | null;
    reason?: string;
  };
  /** Between the intercepts of the task's frames (its own w): mean and smallest. */
  frames: { count: number; meanCosine: number | null; minCosine: number | null };
}

/** A vector of task `source` put into the MLP's output at the last position of prompts that do not ask for its relation. */
export interface Transplant {
  source: string;
  /** Task of the prompts, about subjects of both tasks; `repetition`: the subject in a repeated list of unrelated words. */
  target: string;
  /** Headline layer of the source. */
  layer: number | null;
  facts: number;
  prompts: number;
  /** Candidate rank of the source's answer (0 = first of the source's candidates) in the untouched prompts. */
  rankBefore: Estimate;
  conditions: TransplantCondition[];
  reason?: string;
}
export interface TransplantCondition {
  /** `OTHER`: another task's intercept; `RANDOM`: as above, a new one for each prompt. */
  vector: "INTERCEPT" | "MEAN" | "OTHER" | "RANDOM";
  /** Task that the vector comes from. */
  from: string;
  mode: "ADD" | "REPLACE" | "REPLACE_FOLLOWING";
  /** Factor of an added vector; 1 where it replaces. */
  alpha: number;
  /** Change of the centred logit of the source's answer about the subject, and of the mean over all of the source's candidates. */
  answer: Estimate;
  candidates: Estimate;
  /** Of the answer among the source's candidates, after. */
  rankAfter: Estimate;
}
