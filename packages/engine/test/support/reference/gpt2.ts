import { activationFunction } from "./activation-functions.ts";
import { blocksOf, type Config, part, type Tensors } from "./folder.ts";
import { type Linear, PLAIN, PLAIN_BLOCK, type Weights } from "./weights.ts";

/** GPT-2: q, k, v side by side in one matrix, matrices `[in, out]`. */
export function gpt2(config: Config, { matrix, linear, norm }: Tensors): Weights {
  const conv1d = (name: string): Linear => {
    const { rows, bias } = linear(name);
    return { rows: Array.from(rows[0]!, (_, o) => Float64Array.from(rows, (row) => row[o]!)), bias };
  };
  const width = config.n_embd as number;
  const tokens = matrix("transformer.wte.weight");
  return {
    ...PLAIN,
    heads: config.n_head,
    kvHeads: config.n_head,
    activation: activationFunction(config.activation_function),
    tokens,
    positions: matrix("transformer.wpe.weight"),
    blocks: blocksOf(config.n_layer, (l) => {
      const at = `transformer.h.${l}`;
      const all = conv1d(`${at}.attn.c_attn`);
      const third = (i: number) => part(all, (row) => Math.floor(row / width) === i);
      return {
        ...PLAIN_BLOCK,
        norm1: norm(`${at}.ln_1`, "layernorm", config.layer_norm_epsilon),
        q: third(0),
        k: third(1),
        v: third(2),
        scale:
          (config.scale_attn_weights ? (width / config.n_head) ** -0.5 : 1) /
          (config.scale_attn_by_inverse_layer_idx ? l + 1 : 1),
        out: conv1d(`${at}.attn.c_proj`),
        norm2: norm(`${at}.ln_2`, "layernorm", config.layer_norm_epsilon),
        mlp: { gate: null, in: conv1d(`${at}.mlp.c_fc`), out: conv1d(`${at}.mlp.c_proj`) },
      };
    }),
    finalNorm: norm("transformer.ln_f", "layernorm", config.layer_norm_epsilon),
    unembedding: config.tie_word_embeddings ? tokens : matrix("lm_head.weight"),
  };
}
