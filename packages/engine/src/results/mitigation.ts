import type { Estimate } from "./estimate.ts";
import type { SweepPoint } from "./report.ts";
import type { UnigramReport } from "./unigram.ts";

/**
 * What is scaled by alpha at the last layer: all heads (not the attention's bias), the heads that suppress the answer on train facts, the MLP,
 * heads and MLP, or the part of the MLP's output along the frequency direction.
 */
export const MITIGATION_TARGETS = ["HEADS", "SUPPRESSORS", "MLP", "JOINT", "PROJECT_OUT"] as const;
export type MitigationTarget = (typeof MITIGATION_TARGETS)[number];

/**
 * OBSERVED: damping (alpha < 1, chosen on train facts) raises log p(answer) on test facts, and by more than a temperature does or with a better
 * rank. ONLY_RESCALES_CONFIDENCE: it raises log p, but no more than a temperature. NOT_OBSERVED: damping does not help (alpha* >= 1), or its
 * gain's interval is not above 0 or inside +-0.05 nats. INCONCLUSIVE: else, or fewer than 8 test facts.
 */
export type MitigationVerdict = "OBSERVED" | "ONLY_RESCALES_CONFIDENCE" | "NOT_OBSERVED" | "INCONCLUSIVE";

/** Scaling parts of the last layer to undo what it takes from the answer; only that layer is computed anew. */
export interface MitigationReport {
  layer: number;
  /** At least 8 train and 8 test facts; else no suppressor is named and no verdict given. */
  sufficient: boolean;
  /** Known facts that alpha and temperature are chosen on, known facts they are reported on, and facts the model does not know. */
  trainFacts: number;
  testFacts: number;
  unknownFacts: number;
  unigram: UnigramReport;
  /** Heads with DLA on the answer below 0 and below that on the other candidates, by intervals over the train facts; none if insufficient. */
  suppressors: string[];
  targets: MitigationResult[];
  temperature: {
    /** Chosen on train facts; null where there is none. At a bound of `range` the best one lies beyond. */
    best: number | null;
    range: [number, number];
    test: BeforeAfter;
    guards: MitigationGuards;
  };
  /** Of the model as it is, over test and unknown facts. Reports of earlier versions have none. */
  reliability?: ReliabilityBin[];
  /** Sentences and predicted tokens of the built-in neutral text. */
  neutral: { sentences: number; tokens: number };
}

export interface MitigationResult {
  target: MitigationTarget;
  /** Why this target was not measured (then all of it is empty), or null. */
  reason: string | null;
  /** Over all known facts, for every alpha. */
  points: SweepPoint[];
  /** Largest mean log p(answer) on train facts; ties go to what is nearest to 1. */
  bestAlpha: number | null;
  /** Test facts only, at alpha = 1 and at bestAlpha. */
  test: BeforeAfter;
  /** Test facts: gain in log p(answer) minus that of the temperature, nats. */
  overTemperature: Estimate;
  guards: MitigationGuards;
  verdict: MitigationVerdict;
}

/** Of each measure: before, after, and after minus before (paired). */
export interface BeforeAfter {
  probability: Changed;
  /** nats */
  logProb: Changed;
  rank: Changed;
  top1: Changed;
  candidateTop1: Changed;
}
export interface Changed {
  before: Estimate;
  after: Estimate;
  change: Estimate;
}

/** What it costs elsewhere. */
export interface MitigationGuards {
  /** Change of the mean log p of neutral text, nats per token; interval by sentences. */
  neutralLogProb: Estimate;
  /** Change of the top token's probability on known (test) and unknown facts, and the first minus the second: positive = selective. */
  knownTop: Estimate;
  unknownTop: Estimate;
  selectivity: Estimate;
  /** Expected calibration error of the top token over test and unknown facts, 10 bins of equal width. */
  calibrationError: Changed;
  /** Bins behind that error, after the change; none where nothing was chosen. Reports of earlier versions have none. */
  reliability?: ReliabilityBin[];
}

/** Prompts whose top token has about the same probability. */
export interface ReliabilityBin {
  /** Bounds of that probability. */
  low: number;
  high: number;
  prompts: number;
  /** Mean of that probability, over the prompts. */
  confidence: Estimate;
  /** Share of the prompts whose top token is the answer. */
  right: Estimate;
}
