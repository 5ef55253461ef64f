import { EngineError } from "../errors.ts";
import type { Architecture, LinearSpec, NormSpec } from "./architecture.ts";
import { ConfigReader } from "./config-reader.ts";

/** OPT with the norm before its sublayer (125m, 1.3b and larger): ReLU, learned positions stored with an offset of 2. */
export const opt: Architecture = {
  modelType: "opt",
  read(config, hasTensor) {
    const read = new ConfigReader(config);
    const width = read.integer("hidden_size");
    read.require("do_layer_norm_before", [true]);
    read.require("_remove_final_layer_norm", [false]);
    read.require("enable_bias", [true]);
    read.require("layer_norm_elementwise_affine", [true]);
    read.require("word_embed_proj_dim", [width]);
    const heads = read.integer("num_attention_heads");
    if (width % heads !== 0) {
      throw new EngineError(
        "BAD_CONFIG",
        `hidden_size in config.json: ${width} (must be a multiple of num_attention_heads = ${heads})`,
      );
    }
    const prefix =
      ["model.decoder.", "decoder."].find((p) => hasTensor(`${p}embed_tokens.weight`)) ?? "model.decoder.";
    const linear = (name: string): LinearSpec => ({
      weight: `${name}.weight`,
      bias: `${name}.bias`,
      layout: "out_in",
    });
    const norm = (name: string): NormSpec => ({ weight: `${name}.weight`, bias: `${name}.bias` });
    const activation = read.activation("activation_function", "relu");
    const tied = read.boolean("tie_word_embeddings", true);
    return {
      facts: {
        architecture: "opt",
        layers: read.integer("num_hidden_layers"),
        heads,
        kvHeads: heads,
        width,
        headWidth: width / heads,
        mlpWidth: read.integer("ffn_dim"),
        vocabulary: read.integer("vocab_size"),
        positions: read.integer("max_position_embeddings"),
        norm: { kind: "layernorm", epsilon: 1e-5 },
        tied,
        learnedPositions: true,
      },
      embedding: {
        token: `${prefix}embed_tokens.weight`,
        position: { weight: `${prefix}embed_positions.weight`, offset: 2 },
      },
      block: (layer) => {
        const block = `${prefix}layers.${layer}`;
        return {
          norm1: norm(`${block}.self_attn_layer_norm`),
          qkv: {
            kind: "separate",
            q: linear(`${block}.self_attn.q_proj`),
            k: linear(`${block}.self_attn.k_proj`),
            v: linear(`${block}.self_attn.v_proj`),
          },
          out: linear(`${block}.self_attn.out_proj`),
          norm2: norm(`${block}.final_layer_norm`),
          mlp: { kind: "plain", activation, in: linear(`${block}.fc1`), out: linear(`${block}.fc2`) },
        };
      },
      finalNorm: norm(`${prefix}final_layer_norm`),
      unembedding: { weight: tied ? `${prefix}embed_tokens.weight` : "lm_head.weight" },
    };
  },
};
