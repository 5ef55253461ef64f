import type { Estimate } from "./estimate.ts";

/** A sum over a fact's prompts, and of how many of them. */
export interface PromptSum {
  sum: number;
  count: number;
}

/** What a known fact's pairs add to the effects of patched heads. */
export interface EffectSums {
  /** Pairs that count. */
  pairs: number;
  /** Sum over them of clean minus corrupted metric, in logits. */
  total: number;
  /** The same of what patching changed, mean of both directions: `[layer * heads + head]`. */
  effect: number[];
}

/** What some facts gave, as sums from which numbers over any facts follow as a report's do. Small, and plain as JSON: no NaN in a sound run. */
export interface FoundInFacts {
  layers: number;
  /** Per layer. */
  heads: number;
  facts: {
    top1: PromptSum;
    probability: PromptSum;
    /** Null where the model does not know the fact. */
    patching: EffectSums | null;
  }[];
}

/** What the facts of an unfinished run that are measured come to. Of these facts only: no estimate has an interval, and nothing is tested. */
export interface SoFar {
  factsMeasured: number;
  factsKnown: number;
  /** As in the report's prediction. */
  top1: Estimate;
  probability: Estimate;
  /** As in the report's argument passing, largest effect first. */
  heads: { layer: number; head: number; label: string; effect: Estimate }[];
}
