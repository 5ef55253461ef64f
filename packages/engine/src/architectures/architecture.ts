/** What the graphs need to know of a model, in the field's words. Read from config.json by one file per family. */
export interface ModelFacts {
  architecture: string;
  layers: number;
  heads: number;
  kvHeads: number;
  /** d_model */
  width: number;
  /** d_head */
  headWidth: number;
  /** d_mlp */
  mlpWidth: number;
  vocabulary: number;
  /** Longest prompt in tokens. */
  positions: number;
  norm: { kind: "layernorm" | "rms"; epsilon: number };
  tied: boolean;
  /** Positions are embedded and added (GPT-2, OPT); otherwise they rotate q and k. */
  learnedPositions: boolean;
  /** In a parallel block the MLP reads hook_resid_pre as the attention does: no state of the stream lies between them. */
  block: "serial" | "parallel";
  /**
   * Norms after attention and MLP: on what they write (Gemma 2), or on the sum of that and the stream (OPT-350m), so that what components write does
   * not add up to the final stream.
   */
  postNorm: "none" | "output" | "stream";
  /** Logits come out as cap tanh(x / cap). */
  logitCap: number | null;
  /** Why `positions` is less than the model's own length. */
  positionsReason?: string;
}

/** A matrix and its bias by tensor name. `in_out` is GPT-2's Conv1D layout `[in, out]`; `out_in` is a Linear's `[out, in]`. */
export interface LinearSpec {
  weight: string;
  bias?: string;
  layout: "in_out" | "out_in";
}

export interface NormSpec {
  /** Without it the gain is 1. */
  weight?: string;
  /** LayerNorm only. */
  bias?: string;
  /** The gain is 1 + weight (Gemma). */
  plusOne?: true;
}

export const ACTIVATIONS = ["gelu", "gelu_new", "quick_gelu", "relu", "silu"] as const;
export type Activation = (typeof ACTIVATIONS)[number];

export type MlpSpec =
  | { kind: "plain"; activation: Activation; in: LinearSpec; out: LinearSpec }
  | { kind: "gated"; activation: Activation; gate: LinearSpec; up: LinearSpec; out: LinearSpec };

/** Which tensors fill the slots of one block. */
export interface BlockSpec {
  /** Before q, k and v; null where they read the stream as it is. */
  norm1: NormSpec | null;
  /** `fused` writes q, k, v side by side in one matrix (GPT-2's c_attn), `interleaved` head by head (GPT-NeoX). */
  qkv:
    | { kind: "fused" | "interleaved"; all: LinearSpec }
    | { kind: "separate"; q: LinearSpec; k: LinearSpec; v: LinearSpec };
  /** Norms over d_head of q and k, before they are rotated (Qwen3). */
  headNorms?: { q: NormSpec; k: NormSpec };
  /** What q k^T is multiplied by. */
  attentionScale: number;
  out: LinearSpec;
  norm2: NormSpec | null;
  mlp: MlpSpec;
  /** Where `facts.postNorm` says that there are some. */
  postNorms?: { attention: NormSpec; mlp: NormSpec };
}

export interface ModelSpec {
  facts: ModelFacts;
  embedding: {
    token: string;
    /** Width of the token's row where that is not d_model, and what makes d_model of it. */
    projection?: { width: number; linear: LinearSpec };
    /** What the token's row is multiplied by (Gemma). */
    scale?: number;
    position?: { weight: string; offset: number };
  };
  /** Rotary embedding of the first 2 r dimensions of each head; inverse frequencies in radians per position, `[r]`. */
  rotary?: { inverseFrequencies: Float64Array };
  /** Attention scores come out as cap tanh(x / cap). */
  attentionCap?: number;
  block(layer: number): BlockSpec;
  finalNorm: NormSpec | null;
  /** `projection` makes of d_model what the rows of `weight` are multiplied with. */
  unembedding: { weight: string; projection?: { width: number; linear: LinearSpec } };
}

/** A family of models: how to read its config, and the shapes its tensors must have. */
export interface Architecture {
  /** config.json's `model_type`. */
  modelType: string;
  /** @throws EngineError BAD_CONFIG or UNSUPPORTED_MODEL naming the key, its value and what is allowed */
  read(config: Record<string, unknown>, hasTensor: (name: string) => boolean): ModelSpec;
}
