import type { HookName } from "../hooks/hook-points.ts";

export type Positions = "last" | "all";

/**
 * A change of one hook point during a pass: `x <- scale * x + value`, at one position or all, for one head or the whole vector.
 * Zero ablation is `scale: 0`; a patch is `scale: 0` with a value; steering is `scale: 1` with a value.
 */
export interface Edit {
  hook: HookName;
  /** Head, for hooks with a head axis: a query head, or a key-value head at k, v and their inputs. All heads when left out. */
  head?: number;
  /** Position; negative counts from the end; all positions when left out. */
  position?: number;
  scale: number;
  /**
   * Added after scaling: numbers of the hook's width (of d_head with `head`; of d_model with `head` at `hook_q_input` and its kin), or the
   * same place in another pass of the same plan; with `position`, that position of it (negative counts from its end).
   */
  value?: Float32Array | { pass: number; position?: number };
}

/**
 * Keys that one query must not see in one layer: their scores become minus infinity before the softmax (Geva et al. 2023), so that the
 * rest of the row sums to 1. At least one key must stay visible.
 */
export interface Knockout {
  layer: number;
  /** Query head; all heads when left out. */
  head?: number;
  /** Position of the query; negative counts from the end. */
  query: number;
  /** Positions of the keys, not after the query. */
  keys: readonly number[];
}

export interface TokenQuery {
  /** Tokens whose logits are wanted. */
  tokens: readonly number[];
}

/** One forward execution as data: what to feed, what to change, what to keep. */
export interface ForwardPass {
  tokens: readonly number[];
  edits?: readonly Edit[];
  knockouts?: readonly Knockout[];
  capture?: readonly { hook: HookName; positions: Positions }[];
  /** Full logits `[position, vocabulary]`. */
  logits?: Positions;
  /** Logits at the last position of these tokens only: far cheaper. */
  query?: TokenQuery;
}

/**
 * What a pass gave. Captures are row-major: `[position, ...dims of the hook]` with `positions: "all"`, `[...dims]` with "last".
 * `attn.hook_pattern` is `[head, query, key]` with "all" and `[head, key]` with "last".
 */
export interface PassResult {
  captures: ReadonlyMap<HookName, Float32Array>;
  logits?: Float32Array;
  /** Logits of `query.tokens`, in their order. */
  queried?: Float32Array;
}
