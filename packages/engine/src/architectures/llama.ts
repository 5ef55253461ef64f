import { EngineError } from "../errors.ts";
import type { Architecture, LinearSpec } from "./architecture.ts";
import { ConfigReader } from "./config-reader.ts";

/** Llama and models saved as Llama (TinyLlama, SmolLM2): RMSNorm, rotary positions, gated SiLU MLP, grouped queries. */
export const llama: Architecture = {
  modelType: "llama",
  read(config, hasTensor) {
    const read = new ConfigReader(config);
    const width = read.integer("hidden_size");
    const heads = read.integer("num_attention_heads");
    const kvHeads = read.integer("num_key_value_heads", heads);
    const headWidth = read.integer("head_dim", width / heads);
    if (heads % kvHeads !== 0) {
      throw new EngineError(
        "BAD_CONFIG",
        `num_attention_heads in config.json: ${heads} (must be a multiple of num_key_value_heads = ${kvHeads})`,
      );
    }
    const attentionBias = read.boolean("attention_bias", false);
    const mlpBias = read.boolean("mlp_bias", false);
    const linear = (name: string, bias: boolean): LinearSpec => ({
      weight: `${name}.weight`,
      ...(bias && { bias: `${name}.bias` }),
      layout: "out_in",
    });
    const activation = read.activation("hidden_act", "silu", { swish: "silu" });
    const tied = read.boolean("tie_word_embeddings", false);
    const prefix = hasTensor("model.embed_tokens.weight") ? "model." : "";
    return {
      facts: {
        architecture: "llama",
        layers: read.integer("num_hidden_layers"),
        heads,
        kvHeads,
        width,
        headWidth,
        mlpWidth: read.integer("intermediate_size"),
        vocabulary: read.integer("vocab_size"),
        positions: read.integer("max_position_embeddings", 2048),
        norm: { kind: "rms", epsilon: read.number("rms_norm_eps", 1e-6) },
        tied,
        learnedPositions: false,
      },
      embedding: { token: `${prefix}embed_tokens.weight` },
      rotary: { inverseFrequencies: read.rotary(headWidth) },
      block: (layer) => {
        const block = `${prefix}layers.${layer}`;
        return {
          norm1: { weight: `${block}.input_layernorm.weight` },
          qkv: {
            kind: "separate",
            q: linear(`${block}.self_attn.q_proj`, attentionBias),
            k: linear(`${block}.self_attn.k_proj`, attentionBias),
            v: linear(`${block}.self_attn.v_proj`, attentionBias),
          },
          out: linear(`${block}.self_attn.o_proj`, attentionBias),
          norm2: { weight: `${block}.post_attention_layernorm.weight` },
          mlp: {
            kind: "gated",
            activation,
            gate: linear(`${block}.mlp.gate_proj`, mlpBias),
            up: linear(`${block}.mlp.up_proj`, mlpBias),
            out: linear(`${block}.mlp.down_proj`, mlpBias),
          },
        };
      },
      finalNorm: { weight: `${prefix}norm.weight` },
      unembedding: { weight: tied ? `${prefix}embed_tokens.weight` : "lm_head.weight" },
    };
  },
};
