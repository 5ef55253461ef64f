import type { Estimate } from "./estimate.ts";

/** One MLP as a function of what mover heads bring: does it turn the subject into the answer? */
export interface FunctionAccuracy {
  layer: number;
  /** `all`: the sum of the mover heads up to this layer; else one of them, e.g. `L9H8`. */
  argument: string;
  /** The heads whose outputs are summed. */
  heads: string[];
  /** Share of facts whose own answer has the strictly largest logit of all candidates in F(a) = m(rbar + a) - m(rbar). */
  functionAccuracy: Estimate;
  /** The same in a itself: do the heads carry the answer already? */
  copyAccuracy: Estimate;
  /** functionAccuracy - copyAccuracy, paired by fact. */
  gain: Estimate;
  /** One-sided exact binomial test of functionAccuracy against `baseline`, and its Benjamini-Hochberg q over all entries. */
  functionP: number | null;
  functionQ: number | null;
  /** Two-sided exact sign test over the facts that only one of the two gets right, and its q. */
  gainP: number | null;
  gainQ: number | null;
}

/** The same arguments in the context of another relation about the same subjects, on facts known in both. */
export interface FunctionSpecificity {
  layer: number;
  task: string;
  facts: number;
  /** Share of facts whose answer in this relation is on top of this relation's candidates, in its own context and in the other's. */
  thisInOwn: Estimate;
  thisInOther: Estimate;
  /** Share of facts whose answer in the other relation is on top of the other's candidates. */
  otherInOwn: Estimate;
  otherInOther: Estimate;
  /** thisInOwn - thisInOther: expected above 0. */
  thisFall: Estimate;
  /** otherInOther - otherInOwn: expected above 0. */
  otherRise: Estimate;
  /** Both intervals above 0 on at least 8 facts. */
  specific: boolean;
}

export interface ImplicitFunctionReport {
  /** Layers from the earliest mover head on. */
  layers: number[];
  movers: string[];
  /** Layer whose MLP speaks most for the answer. */
  headlineLayer: number | null;
  candidates: number;
  /** Prompts that arguments and contexts are means over. */
  prompts: number;
  /** 1 / candidates. */
  chance: number;
  /** What a constant guess can reach: the larger of `chance` and the most common answer's share of the facts. */
  baseline: number | null;
  accuracies: FunctionAccuracy[];
  specificity: FunctionSpecificity[];
  /** Related tasks without a comparison, and why. */
  skipped: { task: string; reason: string }[];
  /**
   * OBSERVED: at some layer, for all movers together, functionQ and gainQ below 0.05 and the interval of gain above 0. Else NOT_OBSERVED,
   * with the reason.
   */
  verdict: "OBSERVED" | "NOT_OBSERVED";
  reason?: string;
}
