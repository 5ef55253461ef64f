import { activationFunction } from "./activation-functions.ts";
import { blocksOf, type Config, part, type Tensors } from "./folder.ts";
import { rotaryAngles } from "./rotary-angles.ts";
import { PLAIN, PLAIN_BLOCK, type Weights } from "./weights.ts";

/** GPT-NeoX: q, k, v of each head side by side; the first numbers of a head rotate; MLP beside the attention or after it. */
export function gptNeox(config: Config, { matrix, linear, norm }: Tensors): Weights {
  const headWidth = config.hidden_size / config.num_attention_heads;
  const share = config.rotary_pct ?? config.rope_parameters.partial_rotary_factor;
  const tokens = matrix("gpt_neox.embed_in.weight");
  return {
    ...PLAIN,
    heads: config.num_attention_heads,
    kvHeads: config.num_attention_heads,
    activation: activationFunction(config.hidden_act),
    rotary: rotaryAngles({ rope_theta: config.rotary_emb_base, ...config }, Math.floor(headWidth * share)),
    parallel: config.use_parallel_residual,
    tokens,
    blocks: blocksOf(config.num_hidden_layers, (l) => {
      const at = `gpt_neox.layers.${l}`;
      const all = linear(`${at}.attention.query_key_value`);
      const third = (i: number) => part(all, (row) => Math.floor(row / headWidth) % 3 === i);
      return {
        ...PLAIN_BLOCK,
        norm1: norm(`${at}.input_layernorm`, "layernorm", config.layer_norm_eps),
        q: third(0),
        k: third(1),
        v: third(2),
        scale: headWidth ** -0.5,
        out: linear(`${at}.attention.dense`),
        norm2: norm(`${at}.post_attention_layernorm`, "layernorm", config.layer_norm_eps),
        mlp: {
          gate: null,
          in: linear(`${at}.mlp.dense_h_to_4h`),
          out: linear(`${at}.mlp.dense_4h_to_h`),
        },
      };
    }),
    finalNorm: norm("gpt_neox.final_layer_norm", "layernorm", config.layer_norm_eps),
    unembedding: config.tie_word_embeddings ? tokens : matrix("embed_out.weight"),
  };
}
