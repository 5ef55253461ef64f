import type { Architecture, NormSpec } from "./architecture.ts";
import { ConfigReader } from "./config-reader.ts";
import { rotaryFrequencies } from "./rotary-frequencies.ts";
import { positionsWithin, someLayerSlides } from "./sliding-window.ts";
import { linear } from "./slots.ts";

/** Gemma 2: RMSNorm with gain 1 + weight before and after each sublayer, soft caps on scores and logits, scaled embeddings. */
export const gemma2: Architecture = {
  modelType: "gemma2",
  read(config, hasTensor) {
    const read = new ConfigReader(config);
    const width = read.integer("hidden_size");
    const heads = read.integer("num_attention_heads");
    const headWidth = read.integer("head_dim", 256);
    const prefix = hasTensor("model.embed_tokens.weight") ? "model." : "";
    // A bias before the norm on the attention's output would belong to no head.
    read.require("attention_bias", [false]);
    read.require("use_bidirectional_attention", [false]);
    const tied = read.boolean("tie_word_embeddings", true);
    const activation = read.activation("hidden_activation", "gelu_pytorch_tanh");
    // Gemma 2 files carry the key of Gemma 1 and an early name beside the ones that are in force.
    read.ignore("hidden_act", "sliding_window_size");
    const window = read.integerOrNull("sliding_window", 4096);
    // Every other layer slides unless layer_types says that none does.
    const slides = someLayerSlides(read) ?? true;
    const attentionScale = 1 / Math.sqrt(read.number("query_pre_attn_scalar", 256));
    const attentionCap = read.numberOrNull("attn_logit_softcapping", 50);
    const facts = {
      architecture: "gemma2",
      layers: read.integer("num_hidden_layers"),
      heads,
      kvHeads: read.keyValueHeads("num_key_value_heads", "num_attention_heads", heads),
      width,
      headWidth,
      mlpWidth: read.integer("intermediate_size"),
      vocabulary: read.integer("vocab_size"),
      ...positionsWithin(read.integer("max_position_embeddings", 8192), slides ? window : null),
      norm: { kind: "rms" as const, epsilon: read.number("rms_norm_eps", 1e-6) },
      tied,
      learnedPositions: false,
      block: "serial" as const,
      postNorm: "output" as const,
      logitCap: read.numberOrNull("final_logit_softcapping", 30),
    };
    const rotary = { inverseFrequencies: rotaryFrequencies(read, headWidth) };
    read.finish();
    return {
      facts,
      embedding: { token: `${prefix}embed_tokens.weight`, scale: Math.sqrt(width) },
      rotary,
      ...(attentionCap !== null && { attentionCap }),
      block: (layer) => {
        const block = `${prefix}layers.${layer}`;
        return {
          norm1: norm(`${block}.input_layernorm`),
          qkv: {
            kind: "separate",
            q: linear(`${block}.self_attn.q_proj`, false),
            k: linear(`${block}.self_attn.k_proj`, false),
            v: linear(`${block}.self_attn.v_proj`, false),
          },
          attentionScale,
          out: linear(`${block}.self_attn.o_proj`, false),
          norm2: norm(`${block}.pre_feedforward_layernorm`),
          mlp: {
            kind: "gated",
            activation,
            gate: linear(`${block}.mlp.gate_proj`, false),
            up: linear(`${block}.mlp.up_proj`, false),
            out: linear(`${block}.mlp.down_proj`, false),
          },
          postNorms: {
            attention: norm(`${block}.post_attention_layernorm`),
            mlp: norm(`${block}.post_feedforward_layernorm`),
          },
        };
      },
      finalNorm: norm(`${prefix}norm`),
      unembedding: { weight: tied ? `${prefix}embed_tokens.weight` : "lm_head.weight" },
    };
  },
};

const norm = (name: string): NormSpec => ({ weight: `${name}.weight`, plusOne: true });
