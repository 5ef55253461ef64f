import type { Architecture, BlockSpec, ModelFacts } from "./architecture.ts";
import { ConfigReader } from "./config-reader.ts";
import { rotaryFrequencies } from "./rotary-frequencies.ts";
import { positionsWithin, someLayerSlides } from "./sliding-window.ts";
import { linear, rmsNorm } from "./slots.ts";

/** What a family does otherwise than Llama. */
export interface LlamaLike {
  modelType: string;
  /** Which of q, k, v, o and of the MLP have biases. */
  biases(read: ConfigReader): { qkv: boolean; out: boolean; mlp: boolean };
  /** head_dim where config.json does not say it, of width / heads. */
  headWidth?: (shared: number) => number;
  /** Sliding window of some layers; null for none. */
  window?(read: ConfigReader): number | null;
  /** q and k are normed head by head. */
  headNorms?: boolean;
  positions?: number;
}

/** Llama and the families that differ from it in details: RMSNorm, rotary positions, gated MLP, grouped queries. */
export const llamaLike = (family: LlamaLike): Architecture => ({
  modelType: family.modelType,
  read(config, hasTensor) {
    const read = new ConfigReader(config);
    const width = read.integer("hidden_size");
    const heads = read.integer("num_attention_heads");
    const headWidth = read.integer("head_dim", family.headWidth?.(width / heads) ?? width / heads);
    const biases = family.biases(read);
    const activation = read.activation("hidden_act", "silu");
    const tied = read.boolean("tie_word_embeddings", false);
    const prefix = hasTensor("model.embed_tokens.weight") ? "model." : "";
    const slides = someLayerSlides(read);
    if (slides && !family.window) read.requireValue("layer_types", "sliding_attention", ["full_attention"]);
    const window = family.window?.(read) ?? null;
    const length = read.integer("max_position_embeddings", family.positions ?? 2048);
    const facts: ModelFacts = {
      architecture: family.modelType,
      layers: read.integer("num_hidden_layers"),
      heads,
      kvHeads: read.keyValueHeads("num_key_value_heads", "num_attention_heads", heads),
      width,
      headWidth,
      mlpWidth: read.integer("intermediate_size"),
      vocabulary: read.integer("vocab_size"),
      ...positionsWithin(length, window),
      norm: { kind: "rms", epsilon: read.number("rms_norm_eps", 1e-6) },
      tied,
      learnedPositions: false,
      block: "serial",
      postNorm: "none",
      logitCap: null,
    };
    const rotary = { inverseFrequencies: rotaryFrequencies(read, headWidth) };
    read.finish();
    return {
      facts,
      embedding: { token: `${prefix}embed_tokens.weight` },
      rotary,
      block: (layer): BlockSpec => {
        const block = `${prefix}layers.${layer}`;
        return {
          norm1: rmsNorm(`${block}.input_layernorm`),
          qkv: {
            kind: "separate",
            q: linear(`${block}.self_attn.q_proj`, biases.qkv),
            k: linear(`${block}.self_attn.k_proj`, biases.qkv),
            v: linear(`${block}.self_attn.v_proj`, biases.qkv),
          },
          ...(family.headNorms && {
            headNorms: { q: rmsNorm(`${block}.self_attn.q_norm`), k: rmsNorm(`${block}.self_attn.k_norm`) },
          }),
          attentionScale: 1 / Math.sqrt(headWidth),
          out: linear(`${block}.self_attn.o_proj`, biases.out),
          norm2: rmsNorm(`${block}.post_attention_layernorm`),
          mlp: {
            kind: "gated",
            activation,
            gate: linear(`${block}.mlp.gate_proj`, biases.mlp),
            up: linear(`${block}.mlp.up_proj`, biases.mlp),
            out: linear(`${block}.mlp.down_proj`, biases.mlp),
          },
        };
      },
      finalNorm: rmsNorm(`${prefix}norm`),
      unembedding: { weight: tied ? `${prefix}embed_tokens.weight` : "lm_head.weight" },
    };
  },
});
