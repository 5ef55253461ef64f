import type { Estimate } from "./estimate.ts";

export interface OvHead {
  layer: number;
  head: number;
  label: string;
  /** One per entry of the report's `ks`: share of subject tokens that the OV circuit turns into themselves among the k largest logits. */
  copying: Estimate[];
  /** The same for minus the circuit's output: a head that takes away what it reads. */
  negativeCopying: Estimate[];
  /** Share of distinct (subject token, answer token) pairs whose answer is among the k largest logits. */
  transfer: Estimate[];
  /** Subject tokens for which the circuit's output is shorter than 1e-9: they count as misses. */
  silentTokens: number;
}

/**
 * Copying scores of every head's OV circuit (Wang et al. 2023): x_v W_V W_O read through the final norm and the unembedding. x_v is the state
 * of the subject's first token v after layer 0's MLP, seen without context, through the head's own ln1; heads of layer 0, which really read
 * the embedding, are judged on the same state. No bias of ln1, W_V or W_O takes part. A logit that ties with the (k+1)-th is not in the top k.
 */
export interface OvCircuitReport {
  /** What v was run behind for x_v: nothing, or the start token that the tokenizer puts first. */
  context: "none" | "start token";
  ks: number[];
  /** k / vocabulary for each k: what random logits would score. */
  chance: number[];
  tokens: number;
  pairs: number;
  heads: OvHead[];
}
