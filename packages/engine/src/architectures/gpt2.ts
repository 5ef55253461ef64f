import type { Architecture, LinearSpec, ModelSpec } from "./architecture.ts";
import { ConfigReader } from "./config-reader.ts";
import { layerNorm } from "./slots.ts";

/** GPT-2 (all sizes, DistilGPT-2): learned positions, LayerNorm before, fused q k v, Conv1D weights `[in, out]`. */
export const gpt2: Architecture = {
  modelType: "gpt2",
  read(config, hasTensor) {
    const read = new ConfigReader(config);
    const scaled = read.boolean("scale_attn_weights", true);
    const byLayer = read.boolean("scale_attn_by_inverse_layer_idx", false);
    read.require("add_cross_attention", [false]);
    // Only about precision and the order of products in half precision; and another name of n_positions.
    read.ignore("reorder_and_upcast_attn", "n_ctx");
    const width = read.integer("n_embd");
    const heads = read.integer("n_head");
    const headWidth = read.sharedWidth("n_embd", width, "n_head", heads);
    const activation = read.activation("activation_function", "gelu_new");
    // Files saved from the bare GPT2Model lack the prefix; both are in use on the hub.
    const prefix = hasTensor("transformer.wte.weight") ? "transformer." : "";
    const linear = (name: string): LinearSpec => ({
      weight: `${name}.weight`,
      bias: `${name}.bias`,
      layout: "in_out",
    });
    const tied = read.boolean("tie_word_embeddings", true);
    const spec: ModelSpec = {
      facts: {
        architecture: "gpt2",
        layers: read.integer("n_layer"),
        heads,
        kvHeads: heads,
        width,
        headWidth,
        mlpWidth: read.integer("n_inner", 4 * width),
        vocabulary: read.integer("vocab_size"),
        positions: read.integer("n_positions"),
        norm: { kind: "layernorm", epsilon: read.number("layer_norm_epsilon", 1e-5) },
        tied,
        learnedPositions: true,
        block: "serial",
        postNorm: "none",
        logitCap: null,
      },
      embedding: { token: `${prefix}wte.weight`, position: { weight: `${prefix}wpe.weight`, offset: 0 } },
      block: (layer) => {
        const block = `${prefix}h.${layer}`;
        return {
          norm1: layerNorm(`${block}.ln_1`),
          qkv: { kind: "fused", all: linear(`${block}.attn.c_attn`) },
          attentionScale: (scaled ? 1 / Math.sqrt(headWidth) : 1) / (byLayer ? layer + 1 : 1),
          out: linear(`${block}.attn.c_proj`),
          norm2: layerNorm(`${block}.ln_2`),
          mlp: {
            kind: "plain",
            activation,
            in: linear(`${block}.mlp.c_fc`),
            out: linear(`${block}.mlp.c_proj`),
          },
        };
      },
      finalNorm: layerNorm(`${prefix}ln_f`),
      unembedding: { weight: tied ? `${prefix}wte.weight` : "lm_head.weight" },
    };
    read.finish();
    return spec;
  },
};
