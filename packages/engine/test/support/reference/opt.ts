import { activationFunction } from "./activation-functions.ts";
import { blocksOf, type Config, type Tensors } from "./folder.ts";
import { dot } from "./vectors.ts";
import { PLAIN, PLAIN_BLOCK, type Weights } from "./weights.ts";

/** OPT: positions from row 2 on; norms before the sublayers, or over the stream after them; maybe narrower embeddings. */
export function opt(config: Config, { matrix, linear, norm }: Tensors): Weights {
  const decoder = "model.decoder";
  const before = config.do_layer_norm_before as boolean;
  const stored = matrix(`${decoder}.embed_tokens.weight`);
  const outer = (config.tie_word_embeddings ?? true) ? stored : matrix("lm_head.weight");
  const narrow = config.word_embed_proj_dim !== config.hidden_size;
  const projectIn = narrow ? matrix(`${decoder}.project_in.weight`) : null;
  const projectOut = narrow ? matrix(`${decoder}.project_out.weight`) : null;
  return {
    ...PLAIN,
    heads: config.num_attention_heads,
    kvHeads: config.num_attention_heads,
    activation: activationFunction(config.activation_function),
    tokens: projectIn
      ? stored.map((narrowRow) => Float64Array.from(projectIn, (row) => dot(row, narrowRow)))
      : stored,
    positions: matrix(`${decoder}.embed_positions.weight`).slice(2),
    blocks: blocksOf(config.num_hidden_layers, (l) => {
      const at = `${decoder}.layers.${l}`;
      const first = norm(`${at}.self_attn_layer_norm`, "layernorm", 1e-5);
      const second = norm(`${at}.final_layer_norm`, "layernorm", 1e-5);
      return {
        ...PLAIN_BLOCK,
        norm1: before ? first : null,
        q: linear(`${at}.self_attn.q_proj`),
        k: linear(`${at}.self_attn.k_proj`),
        v: linear(`${at}.self_attn.v_proj`),
        scale: (config.hidden_size / config.num_attention_heads) ** -0.5,
        out: linear(`${at}.self_attn.out_proj`),
        norm2: before ? second : null,
        mlp: { gate: null, in: linear(`${at}.fc1`), out: linear(`${at}.fc2`) },
        after: before ? null : { of: "stream", attention: first, mlp: second },
      };
    }),
    finalNorm: before ? norm(`${decoder}.final_layer_norm`, "layernorm", 1e-5) : null,
    unembedding: projectOut
      ? outer.map((own) =>
          Float64Array.from(projectOut[0]!, (_, i) =>
            projectOut.reduce((sum, row, o) => sum + own[o]! * row[i]!, 0),
          ),
        )
      : outer,
  };
}
