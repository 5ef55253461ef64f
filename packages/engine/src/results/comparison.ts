import type { Estimate } from "./estimate.ts";
import type { WeightLabel } from "./report.ts";

/** What a run is of: runs are paired only where task, frames and facts agree. */
export interface RunKey {
  model: string;
  weightHash: string;
  taskId: string;
  shots: number;
  /** `clause/leadIn`, sorted. */
  frames: string[];
  known: number;
  admitted: number;
  total: number;
}

/** Where in depth the effects of heads lie; head of layer l at (l + 0.5) / L. Masses are |effect|. */
export interface DepthProfile {
  layers: number;
  headsPerLayer: number;
  /** Share of the mass per layer, and of all layers up to it; empty where nothing was observed. */
  curve: { layer: number; depth: number; share: number; cumulative: number }[];
  /** Mean depth weighted by mass; facts are drawn for the interval, over which noise of many idle heads pulls towards the middle. */
  centreOfMass: Estimate;
  reason?: string;
}

/** How few heads carry the mass of |effect|. */
export interface Concentration {
  heads: number;
  /** (sum |e|)^2 / sum e^2: the number of heads of equal effect that would be as concentrated; null with `reason`. */
  effectiveHeads: number | null;
  effectiveShare: number | null;
  top1Share: number | null;
  top5Share: number | null;
  /** Smallest number of heads that have at least that share of the mass. */
  headsTo50: number | null;
  headsTo80: number | null;
  reason?: string;
}

/** Which heads two runs of one model share at the top. */
export interface HeadOverlap {
  /** 10 or 2 % of all heads, whichever is more, and at most all of them; only heads with an effect above 0 count. */
  k: number;
  headsA: string[];
  headsB: string[];
  common: number;
  /** Intersection over union; null with `reason`. */
  jaccard: number | null;
  /** What sets of these sizes drawn by chance have: q / (a + b - q), q = a b / (L H). */
  chance: number | null;
  /** Hypergeometric P(as many or more in common). */
  pValue: number | null;
  /** Spearman correlation of the effects of all heads. */
  spearman: number | null;
  reason?: string;
}

export const COMPARED_METRICS = [
  "probability",
  "logProb",
  "centredLogit",
  "rank",
  "candidateRank",
  "top1",
  "candidateTop1",
  "finalLayerLogProbChange",
] as const;

/** One metric of two runs: each on its own known facts, and both on what they share. */
export interface ComparedMetric {
  metric: (typeof COMPARED_METRICS)[number];
  unit: "probability" | "nats" | "logit" | "rank" | "share";
  a: Estimate;
  b: Estimate;
  sharedA: Estimate;
  sharedB: Estimate;
  /** Mean over shared prompts of b - a, paired; the interval draws facts. */
  delta: Estimate;
  /** Two-sided sign-flip test of `delta` over facts. */
  pValue: number | null;
  /** Pearson correlation over shared facts of their means; null where one of them does not vary or with fewer than 3. */
  correlation: number | null;
}

/** b - a of one head's patching effect on the pairs that both runs have. */
export interface ComparedHead {
  label: string;
  a: Estimate;
  b: Estimate;
  delta: Estimate;
}

export interface RunComparison {
  a: RunKey;
  b: RunKey;
  sameModel: boolean;
  sameTask: boolean;
  /** Known facts in both runs; the others are left out of everything paired. */
  sharedFacts: number;
  onlyA: { subject: string; answer: string }[];
  onlyB: { subject: string; answer: string }[];
  /** Prompts of shared facts in both runs, and those that only one run has. */
  sharedPrompts: number;
  promptsOnlyA: number;
  promptsOnlyB: number;
  metrics: ComparedMetric[];
  depthA: DepthProfile;
  depthB: DepthProfile;
  /** Area between the two cumulative curves, in depth units (Wasserstein 1): 0 the same, 1 first against last layer. */
  depthDistance: number | null;
  centreOfMassDelta: Estimate;
  concentrationA: Concentration;
  concentrationB: Concentration;
  overlap: HeadOverlap;
  /** Head by head; empty with `headsReason` where heads do not correspond or nothing can be paired. */
  heads: ComparedHead[];
  headsReason?: string;
}

/** Spearman correlations of head effects between the tasks of one model. */
export interface TaskSimilarity {
  model: string;
  weightHash: string;
  tasks: string[];
  /** `[task][task]`; null where a task's effects were not observed or do not vary. */
  values: (number | null)[][];
}

/** Mantel test: do two models have the same tasks alike? */
export interface MantelTest {
  tasks: string[];
  /** Tasks that one model lacks or whose similarities were not observed. */
  left: string[];
  /** Pearson correlation of the two matrices over pairs of tasks. */
  r: number | null;
  /** One-sided: share of permutations of the tasks with r as large; cannot fall below about 1 / n! for n tasks. */
  pValue: number | null;
  permutations: number;
  reason?: string;
}

/** Heads of two models matched by what they do; a pair is alike, never "the same head". */
export interface FunctionalMatching {
  features: string[];
  /** Heads without a complete profile. */
  excludedA: string[];
  excludedB: string[];
  /** Cheapest assignment of the smaller model's heads, by distance. */
  pairs: { a: string; b: string; distance: number }[];
  /** Mean distance of the pairs, in standard deviations of the pooled features; null with `reason`. */
  cost: number | null;
  /** Mean cost when heads are paired by chance. */
  randomCost: number | null;
  /** Cost of the cheapest assignment when each feature of one model is shuffled over its heads: mean and 95 % range. */
  shuffledCost: { mean: number; low: number; high: number } | null;
  /** Share of shuffles at most as expensive, (1 + n) / (1 + permutations). */
  pValue: number | null;
  permutations: number;
  reason?: string;
}

export const MECHANISM_STEPS = [
  "argument passing",
  "MLP activation",
  "function application",
  "final layer",
] as const;
export type MechanismStep = (typeof MECHANISM_STEPS)[number];
export type Verdict = "PRESENT" | "ABSENT" | "INCONCLUSIVE";

/** One number that speaks for or against a step of the mechanism. */
export interface Evidence {
  step: MechanismStep;
  /** In words, e.g. `effect of L9H8`. */
  quantity: string;
  unit: "effect" | "nats" | "accuracy" | "weight" | "logit";
  estimate: Estimate;
  expected: "positive" | "negative" | "either";
  /** Of a permutation or sign-flip test; null where none was made, with the reason. */
  pValue: number | null;
  pReason?: string;
}
export interface JudgedEvidence extends Evidence {
  verdict: Verdict;
  /** Why, in words; always says so where a p-value is missing. */
  why: string;
}

/** One run's row of the mechanism table. What was not observed is null (or an Estimate of null) with its reason in `reasons`. */
export interface MechanismRow {
  key: RunKey;
  sufficient: boolean;
  top1: Estimate;
  candidateTop1: Estimate;
  medianRank: number | null;
  movers: number;
  /** The mover of the first rank. */
  topMover: { label: string; effect: Estimate; attentionToSubject: Estimate } | null;
  depth: DepthProfile;
  concentration: Concentration;
  headline: { layer: number; depth: number } | null;
  /** The fit over all heads up to the headline layer. */
  decomposition: {
    r2Within: number | null;
    r2HeldOut: number | null;
    labels: Record<WeightLabel, number>;
    topMoverWeight: {
      weight: number | null;
      low: number | null;
      high: number | null;
      verdict: WeightLabel;
    } | null;
  } | null;
  typeGain: Estimate;
  typeGainOfMean: Estimate;
  finalLayer: {
    logProbChange: Estimate;
    headPart: Estimate;
    mlpPart: Estimate;
    scalePart: Estimate;
    suppressors: string[];
  };
  mitigations: {
    target: string;
    bestAlpha: number | null;
    testLogProbGain: Estimate;
    testRankChange: Estimate;
  }[];
  temperatureGain: Estimate;
  verdicts: JudgedEvidence[];
  /** Columns of further analyses, by name. */
  more: Record<string, Estimate>;
  /** Why a column is null, by its name. */
  reasons: Record<string, string>;
  seconds: number;
  engineVersion: string;
  semanticsVersion: number;
  tokenizerHash: string;
  dtype: string;
}
