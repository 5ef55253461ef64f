import { activationFunction } from "./activation-functions.ts";
import { blocksOf, type Config, type Tensors } from "./folder.ts";
import { rotaryAngles } from "./rotary-angles.ts";
import { type Norm, PLAIN, PLAIN_BLOCK, type Weights } from "./weights.ts";

/** Gemma 2: four norms a block with gain 1 + weight, scaled embeddings, soft caps, its own attention scale. */
export function gemma2(config: Config, { matrix, linear, norm }: Tensors): Weights {
  const rms = (name: string): Norm => {
    const stored = norm(name, "rms", config.rms_norm_eps);
    return { ...stored, weight: stored.weight!.map((value) => 1 + value) };
  };
  const tokens = matrix("model.embed_tokens.weight");
  const scale = config.hidden_size ** 0.5;
  return {
    ...PLAIN,
    heads: config.num_attention_heads,
    kvHeads: config.num_key_value_heads,
    activation: activationFunction(config.hidden_activation),
    rotary: rotaryAngles(config, config.head_dim),
    scoreCap: config.attn_logit_softcapping,
    logitCap: config.final_logit_softcapping,
    tokens: tokens.map((row) => row.map((value) => scale * value)),
    blocks: blocksOf(config.num_hidden_layers, (l) => {
      const at = `model.layers.${l}`;
      return {
        ...PLAIN_BLOCK,
        norm1: rms(`${at}.input_layernorm`),
        q: linear(`${at}.self_attn.q_proj`),
        k: linear(`${at}.self_attn.k_proj`),
        v: linear(`${at}.self_attn.v_proj`),
        scale: config.query_pre_attn_scalar ** -0.5,
        out: linear(`${at}.self_attn.o_proj`),
        norm2: rms(`${at}.pre_feedforward_layernorm`),
        mlp: {
          gate: linear(`${at}.mlp.gate_proj`),
          in: linear(`${at}.mlp.up_proj`),
          out: linear(`${at}.mlp.down_proj`),
        },
        after: {
          of: "output",
          attention: rms(`${at}.post_attention_layernorm`),
          mlp: rms(`${at}.post_feedforward_layernorm`),
        },
      };
    }),
    finalNorm: rms("model.norm"),
    unembedding: tokens,
  };
}
