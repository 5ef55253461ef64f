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
}

/** A matrix and its bias by tensor name. `in_out` is GPT-2's Conv1D layout `[in, out]`; `out_in` is a Linear's `[out, in]`. */
export interface LinearSpec {
  weight: string;
  bias?: string;
  layout: "in_out" | "out_in";
}

export interface NormSpec {
  weight: string;
  /** LayerNorm only. */
  bias?: string;
}

export const ACTIVATIONS = ["gelu", "gelu_new", "relu", "silu"] as const;
export type Activation = (typeof ACTIVATIONS)[number];

export type MlpSpec =
  | { kind: "plain"; activation: Activation; in: LinearSpec; out: LinearSpec }
  | { kind: "gated"; activation: Activation; gate: LinearSpec; up: LinearSpec; out: LinearSpec };

/** Which tensors fill the slots of one serial pre-norm block. */
export interface BlockSpec {
  norm1: NormSpec;
  /** `fused` writes q, k, v side by side in one matrix (GPT-2's c_attn). */
  qkv: { kind: "fused"; all: LinearSpec } | { kind: "separate"; q: LinearSpec; k: LinearSpec; v: LinearSpec };
  out: LinearSpec;
  norm2: NormSpec;
  mlp: MlpSpec;
}

export interface ModelSpec {
  facts: ModelFacts;
  embedding: { token: string; position?: { weight: string; offset: number } };
  /** Rotary embedding over the whole head width; inverse frequencies in radians per position, `[d_head / 2]`. */
  rotary?: { inverseFrequencies: Float64Array };
  block(layer: number): BlockSpec;
  finalNorm: NormSpec;
  unembedding: { weight: string };
}

/** A family of models: how to read its config, and the shapes its tensors must have. */
export interface Architecture {
  /** config.json's `model_type`. */
  modelType: string;
  /** @throws EngineError BAD_CONFIG or UNSUPPORTED_MODEL naming the key, its value and what is allowed */
  read(config: Record<string, unknown>, hasTensor: (name: string) => boolean): ModelSpec;
}
