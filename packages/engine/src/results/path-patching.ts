import type { PatchedPairs } from "./activation-patching.ts";
import type { Estimate } from "./estimate.ts";

export type MlpMode = "RECOMPUTE" | "FREEZE";
export type SenderReplacement = "SAMPLE" | "MEAN_CORRUPTED" | "ZERO" | "MEAN_TASK";

interface Tested {
  /** Two-sided sign-flip test over facts; null for fewer than two facts. */
  pValue: number | null;
  /** Benjamini-Hochberg over the list the entry stands in. */
  qValue: number | null;
}

/** What a sender does to the metric through the paths that are open. */
export interface SenderEffect extends Tested {
  /** `L3H5` or `MLP3`. */
  sender: string;
  layer: number;
  /** null for an MLP. */
  head: number | null;
  /** (clean - patched) / (clean - corrupted), a ratio of means over pairs. */
  effect: Estimate;
}

export interface ReceiverEffect extends Tested {
  /** `MLP7`, or the query, key or value input of heads: `L9H3.q`, `L9KV1.k`. */
  receiver: string;
  kind: "mlp" | "q" | "k" | "v";
  layer: number;
  /** Query head for q, key-value head for k and v, null for an MLP. */
  head: number | null;
  effect: Estimate;
}

/** Exact path patching at the last position under subject corruption. */
export interface PathPatchingReport extends PatchedPairs {
  corruption: "SUBJECT";
  position: "last";
  /** Every head and MLP to the final residual, `sender: SAMPLE`, metric logit_diff. */
  toFinalResidual: { mlps: MlpMode; senders: SenderEffect[] }[];
  /** The paper's mode: `sender: MEAN_CORRUPTED`, `mlps: RECOMPUTE`, to the final residual, over all pairs with a counterfactual. */
  paper: {
    pairs: number;
    /** Mean logit(answer) - mean logit of the clean runs, and mean logit(answer). */
    cleanCentredLogit: Estimate;
    cleanLogit: Estimate;
    senders: (Omit<SenderEffect, "effect"> & {
      /** 100 (patched - clean) / clean of logit(answer) - mean logit, of means; null where the clean mean is 0.1 logits or less. */
      percent: Estimate;
      /** The same of logit(answer) itself. */
      percentLogit: Estimate;
    })[];
  };
  /** From the first mover to each component after it, `sender: SAMPLE`. */
  fromMover: {
    /** null: see `reason`. */
    sender: string | null;
    reason: string | null;
    byMlps: { mlps: MlpMode; receivers: ReceiverEffect[] }[];
  };
  /** From every earlier head and MLP to the MLP input that receives most from the mover, `mlps: FREEZE`, `sender: SAMPLE`. */
  toMlp: { receiver: string | null; reason: string | null; senders: SenderEffect[] };
}
