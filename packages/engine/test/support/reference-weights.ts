import { readFile } from "node:fs/promises";
import path from "node:path";
import { readAnyTensor } from "../oracles/read-any-tensor.ts";

/** y = W x + b with one array of inputs per output. */
export interface Linear {
  rows: Float64Array[];
  bias: Float64Array | null;
}
export interface Norm {
  weight: Float64Array;
  bias: Float64Array | null;
}
export interface Block {
  norm1: Norm;
  q: Linear;
  k: Linear;
  v: Linear;
  out: Linear;
  norm2: Norm;
  /** A gated MLP has all three; the others `gate: null`. */
  mlp: { gate: Linear | null; in: Linear; out: Linear };
}
export interface Weights {
  heads: number;
  kvHeads: number;
  norm: "layernorm" | "rms";
  epsilon: number;
  activation: (x: number) => number;
  /** Inverse frequencies, null where positions are learned. */
  rotary: number[] | null;
  tokens: Float64Array[];
  /** Already shifted: row 0 is position 0. Null where q and k rotate. */
  positions: Float64Array[] | null;
  blocks: Block[];
  finalNorm: Norm;
  unembedding: Float64Array[];
}

const ACTIVATIONS: Record<string, (x: number) => number> = {
  relu: (x) => Math.max(0, x),
  silu: (x) => x / (1 + Math.exp(-x)),
  gelu_new: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
};

/** Reads a GPT-2, OPT or Llama folder on its own: its own config keys, tensor names and layouts, nothing of the engine. */
export async function readWeights(folder: string): Promise<Weights> {
  const config = JSON.parse(await readFile(path.join(folder, "config.json"), "utf8"));
  const tensors = await readAnyTensor(path.join(folder, "model.safetensors"));
  const matrix = (name: string): Float64Array[] => {
    const { shape, data } = tensors.get(name)!;
    const [rows, columns] = shape as [number, number];
    return Array.from({ length: rows }, (_, i) =>
      Float64Array.from(data.slice(i * columns, (i + 1) * columns)),
    );
  };
  const vector = (name: string): Float64Array | null => {
    const tensor = tensors.get(name);
    return tensor ? Float64Array.from(tensor.data) : null;
  };
  const linear = (name: string): Linear => ({
    rows: matrix(`${name}.weight`),
    bias: vector(`${name}.bias`),
  });
  const norm = (name: string): Norm => ({ weight: vector(`${name}.weight`)!, bias: vector(`${name}.bias`) });
  const activation = (name: string) => {
    const found = ACTIVATIONS[name];
    if (!found) throw new Error(`the reference transformer lacks ${name}`);
    return found;
  };
  const layers = (count: number, block: (layer: number) => Block) =>
    Array.from({ length: count }, (_, l) => block(l));

  if (config.model_type === "gpt2") {
    const conv1d = (name: string): Linear => {
      const { rows, bias } = linear(name);
      return { rows: Array.from(rows[0]!, (_, o) => Float64Array.from(rows, (row) => row[o]!)), bias };
    };
    const part = ({ rows, bias }: Linear, i: number): Linear => {
      const [from, to] = [(i * rows.length) / 3, ((i + 1) * rows.length) / 3];
      return { rows: rows.slice(from, to), bias: bias!.slice(from, to) };
    };
    return {
      heads: config.n_head,
      kvHeads: config.n_head,
      norm: "layernorm",
      epsilon: config.layer_norm_epsilon,
      activation: activation(config.activation_function),
      rotary: null,
      tokens: matrix("transformer.wte.weight"),
      positions: matrix("transformer.wpe.weight"),
      blocks: layers(config.n_layer, (l) => {
        const at = `transformer.h.${l}`;
        const qkv = conv1d(`${at}.attn.c_attn`);
        return {
          norm1: norm(`${at}.ln_1`),
          q: part(qkv, 0),
          k: part(qkv, 1),
          v: part(qkv, 2),
          out: conv1d(`${at}.attn.c_proj`),
          norm2: norm(`${at}.ln_2`),
          mlp: { gate: null, in: conv1d(`${at}.mlp.c_fc`), out: conv1d(`${at}.mlp.c_proj`) },
        };
      }),
      finalNorm: norm("transformer.ln_f"),
      unembedding: matrix("transformer.wte.weight"),
    };
  }
  if (config.model_type === "opt") {
    const tokens = matrix("model.decoder.embed_tokens.weight");
    return {
      heads: config.num_attention_heads,
      kvHeads: config.num_attention_heads,
      norm: "layernorm",
      epsilon: 1e-5,
      activation: activation(config.activation_function),
      rotary: null,
      tokens,
      positions: matrix("model.decoder.embed_positions.weight").slice(2),
      blocks: layers(config.num_hidden_layers, (l) => {
        const at = `model.decoder.layers.${l}`;
        return {
          norm1: norm(`${at}.self_attn_layer_norm`),
          q: linear(`${at}.self_attn.q_proj`),
          k: linear(`${at}.self_attn.k_proj`),
          v: linear(`${at}.self_attn.v_proj`),
          out: linear(`${at}.self_attn.out_proj`),
          norm2: norm(`${at}.final_layer_norm`),
          mlp: { gate: null, in: linear(`${at}.fc1`), out: linear(`${at}.fc2`) },
        };
      }),
      finalNorm: norm("model.decoder.final_layer_norm"),
      unembedding: tokens,
    };
  }
  if (config.model_type !== "llama") throw new Error(`the reference transformer lacks ${config.model_type}`);
  const { rope_type, rope_theta } = config.rope_parameters;
  if (rope_type !== "default") throw new Error(`the reference transformer lacks rope_type ${rope_type}`);
  const tokens = matrix("model.embed_tokens.weight");
  const half = config.head_dim / 2;
  return {
    heads: config.num_attention_heads,
    kvHeads: config.num_key_value_heads,
    norm: "rms",
    epsilon: config.rms_norm_eps,
    activation: activation(config.hidden_act),
    rotary: Array.from({ length: half }, (_, i) => rope_theta ** (-i / half)),
    tokens,
    positions: null,
    blocks: layers(config.num_hidden_layers, (l) => {
      const at = `model.layers.${l}`;
      return {
        norm1: norm(`${at}.input_layernorm`),
        q: linear(`${at}.self_attn.q_proj`),
        k: linear(`${at}.self_attn.k_proj`),
        v: linear(`${at}.self_attn.v_proj`),
        out: linear(`${at}.self_attn.o_proj`),
        norm2: norm(`${at}.post_attention_layernorm`),
        mlp: {
          gate: linear(`${at}.mlp.gate_proj`),
          in: linear(`${at}.mlp.up_proj`),
          out: linear(`${at}.mlp.down_proj`),
        },
      };
    }),
    finalNorm: norm("model.norm"),
    unembedding: config.tie_word_embeddings ? tokens : matrix("lm_head.weight"),
  };
}
