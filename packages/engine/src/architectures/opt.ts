import type { Architecture, BlockSpec, NormSpec } from "./architecture.ts";
import { ConfigReader } from "./config-reader.ts";
import { layerNorm, linear } from "./slots.ts";

/**
 * OPT: learned positions stored with an offset of 2. 125m, 1.3b and larger norm what a sublayer reads; 350m norms the stream after it was added to
 * (`do_layer_norm_before` false), and its embeddings are narrower than the stream.
 */
export const opt: Architecture = {
  modelType: "opt",
  read(config, hasTensor) {
    const read = new ConfigReader(config);
    const width = read.integer("hidden_size");
    const before = read.boolean("do_layer_norm_before", true);
    read.require("_remove_final_layer_norm", [false]);
    // Galactica says what holds for every OPT.
    read.require("learned_embeddings", [true]);
    const biased = read.boolean("enable_bias", true);
    const affine = read.boolean("layer_norm_elementwise_affine", true);
    const embeddingWidth = read.integer("word_embed_proj_dim", width);
    const heads = read.integer("num_attention_heads");
    const headWidth = read.sharedWidth("hidden_size", width, "num_attention_heads", heads);
    const prefix =
      ["model.decoder.", "decoder."].find((p) => hasTensor(`${p}embed_tokens.weight`)) ?? "model.decoder.";
    const norm = (name: string): NormSpec => (affine ? layerNorm(name) : {});
    const activation = read.activation("activation_function", "relu");
    const tied = read.boolean("tie_word_embeddings", true);
    const facts = {
      architecture: "opt",
      layers: read.integer("num_hidden_layers"),
      heads,
      kvHeads: heads,
      width,
      headWidth,
      mlpWidth: read.integer("ffn_dim"),
      vocabulary: read.integer("vocab_size"),
      positions: read.integer("max_position_embeddings"),
      norm: { kind: "layernorm" as const, epsilon: 1e-5 },
      tied,
      learnedPositions: true,
      block: "serial" as const,
      postNorm: before ? ("none" as const) : ("stream" as const),
      logitCap: null,
    };
    read.finish();
    const projection = (name: string) =>
      embeddingWidth === width
        ? {}
        : { projection: { width: embeddingWidth, linear: linear(`${prefix}${name}`, false) } };
    return {
      facts,
      embedding: {
        token: `${prefix}embed_tokens.weight`,
        ...projection("project_in"),
        position: { weight: `${prefix}embed_positions.weight`, offset: 2 },
      },
      block: (layer): BlockSpec => {
        const block = `${prefix}layers.${layer}`;
        const [first, second] = [norm(`${block}.self_attn_layer_norm`), norm(`${block}.final_layer_norm`)];
        return {
          norm1: before ? first : null,
          qkv: {
            kind: "separate",
            q: linear(`${block}.self_attn.q_proj`, biased),
            k: linear(`${block}.self_attn.k_proj`, biased),
            v: linear(`${block}.self_attn.v_proj`, biased),
          },
          attentionScale: 1 / Math.sqrt(headWidth),
          out: linear(`${block}.self_attn.out_proj`, biased),
          norm2: before ? second : null,
          mlp: {
            kind: "plain",
            activation,
            in: linear(`${block}.fc1`, biased),
            out: linear(`${block}.fc2`, biased),
          },
          ...(!before && { postNorms: { attention: first, mlp: second } }),
        };
      },
      finalNorm: before ? norm(`${prefix}final_layer_norm`) : null,
      unembedding: {
        weight: tied ? `${prefix}embed_tokens.weight` : "lm_head.weight",
        ...projection("project_out"),
      },
    };
  },
};
