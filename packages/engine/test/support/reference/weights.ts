/** y = W x + b with one array of inputs per output. */
export interface Linear {
  rows: Float64Array[];
  bias: Float64Array | null;
}
export interface Norm {
  kind: "layernorm" | "rms";
  epsilon: number;
  weight: Float64Array | null;
  bias: Float64Array | null;
}
export interface Block {
  /** Before q, k and v; null where they read the stream itself. */
  norm1: Norm | null;
  q: Linear;
  k: Linear;
  v: Linear;
  /** Over each head of q and k, before they rotate. */
  headNorms: { q: Norm; k: Norm } | null;
  /** What q k^T is multiplied by. */
  scale: number;
  out: Linear;
  norm2: Norm | null;
  /** A gated MLP has all three; the others `gate: null`. */
  mlp: { gate: Linear | null; in: Linear; out: Linear };
  /** Over what a sublayer writes (`of: "output"`), or over the stream once that is added (`of: "stream"`). */
  after: { of: "output" | "stream"; attention: Norm; mlp: Norm } | null;
}
export interface Weights {
  heads: number;
  kvHeads: number;
  activation: (x: number) => number;
  /** Radians per position, one per pair that rotates; null where positions are learned. */
  rotary: number[] | null;
  /** Soft caps of attention scores and of logits. */
  scoreCap: number | null;
  logitCap: number | null;
  /** Attention and MLP read the same state. */
  parallel: boolean;
  /** hook_embed of each token. */
  tokens: Float64Array[];
  /** Already shifted: row 0 is position 0. Null where q and k rotate. */
  positions: Float64Array[] | null;
  blocks: Block[];
  finalNorm: Norm | null;
  /** One vector of d_model per token. */
  unembedding: Float64Array[];
}

/** What most families have none of. */
export const PLAIN = {
  rotary: null,
  scoreCap: null,
  logitCap: null,
  parallel: false,
  positions: null,
} as const;
export const PLAIN_BLOCK = { headNorms: null, after: null } as const;
