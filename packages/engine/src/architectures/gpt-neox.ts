import type { Architecture } from "./architecture.ts";
import { ConfigReader } from "./config-reader.ts";
import { rotaryFrequencies } from "./rotary-frequencies.ts";
import { layerNorm, linear } from "./slots.ts";

/** GPT-NeoX and Pythia: attention and MLP side by side, or one after the other; part of each head rotates. */
export const gptNeox: Architecture = {
  modelType: "gpt_neox",
  read(config, hasTensor) {
    const read = new ConfigReader(config);
    const width = read.integer("hidden_size");
    const heads = read.integer("num_attention_heads");
    const headWidth = read.sharedWidth("hidden_size", width, "num_attention_heads", heads);
    const prefix = hasTensor("gpt_neox.embed_in.weight") ? "gpt_neox." : "";
    const attentionBias = read.boolean("attention_bias", true);
    const activation = read.activation("hidden_act", "gelu");
    const tied = read.boolean("tie_word_embeddings", false);
    const facts = {
      architecture: "gpt_neox",
      layers: read.integer("num_hidden_layers"),
      heads,
      kvHeads: heads,
      width,
      headWidth,
      mlpWidth: read.integer("intermediate_size", 24_576),
      vocabulary: read.integer("vocab_size"),
      positions: read.integer("max_position_embeddings", 2048),
      norm: { kind: "layernorm" as const, epsilon: read.number("layer_norm_eps", 1e-5) },
      tied,
      learnedPositions: false,
      block: read.boolean("use_parallel_residual", true) ? ("parallel" as const) : ("serial" as const),
      postNorm: "none" as const,
      logitCap: null,
    };
    const inverseFrequencies = rotaryFrequencies(read, headWidth, {
      theta: "rotary_emb_base",
      partial: { key: "rotary_pct", fallback: 0.25 },
    });
    read.finish();
    return {
      facts,
      embedding: { token: `${prefix}embed_in.weight` },
      rotary: { inverseFrequencies },
      block: (layer) => {
        const block = `${prefix}layers.${layer}`;
        return {
          norm1: layerNorm(`${block}.input_layernorm`),
          qkv: { kind: "interleaved", all: linear(`${block}.attention.query_key_value`, attentionBias) },
          attentionScale: 1 / Math.sqrt(headWidth),
          out: linear(`${block}.attention.dense`, attentionBias),
          norm2: layerNorm(`${block}.post_attention_layernorm`),
          mlp: {
            kind: "plain",
            activation,
            in: linear(`${block}.mlp.dense_h_to_4h`, true),
            out: linear(`${block}.mlp.dense_4h_to_h`, true),
          },
        };
      },
      finalNorm: layerNorm(`${prefix}final_layer_norm`),
      unembedding: { weight: tied ? `${prefix}embed_in.weight` : "embed_out.weight" },
    };
  },
};
