import { activationFunction } from "./activation-functions.ts";
import { blocksOf, type Config, type Tensors } from "./folder.ts";
import { rotaryAngles } from "./rotary-angles.ts";
import { PLAIN, PLAIN_BLOCK, type Weights } from "./weights.ts";

/** Llama, Mistral, Qwen2 and Qwen3: biases and norms of q and k are there if the file has them. */
export function llama(config: Config, { matrix, linear, vector, norm }: Tensors): Weights {
  const headWidth = config.head_dim ?? config.hidden_size / config.num_attention_heads;
  const rms = (name: string) => norm(name, "rms", config.rms_norm_eps);
  const tokens = matrix("model.embed_tokens.weight");
  return {
    ...PLAIN,
    heads: config.num_attention_heads,
    kvHeads: config.num_key_value_heads,
    activation: activationFunction(config.hidden_act),
    rotary: rotaryAngles(config, headWidth),
    tokens,
    blocks: blocksOf(config.num_hidden_layers, (l) => {
      const at = `model.layers.${l}`;
      return {
        ...PLAIN_BLOCK,
        norm1: rms(`${at}.input_layernorm`),
        q: linear(`${at}.self_attn.q_proj`),
        k: linear(`${at}.self_attn.k_proj`),
        v: linear(`${at}.self_attn.v_proj`),
        headNorms: vector(`${at}.self_attn.q_norm.weight`)
          ? { q: rms(`${at}.self_attn.q_norm`), k: rms(`${at}.self_attn.k_norm`) }
          : null,
        scale: headWidth ** -0.5,
        out: linear(`${at}.self_attn.o_proj`),
        norm2: rms(`${at}.post_attention_layernorm`),
        mlp: {
          gate: linear(`${at}.mlp.gate_proj`),
          in: linear(`${at}.mlp.up_proj`),
          out: linear(`${at}.mlp.down_proj`),
        },
      };
    }),
    finalNorm: rms("model.norm"),
    unembedding: config.tie_word_embeddings ? tokens : matrix("lm_head.weight"),
  };
}
