/** A published model's shape, to be filled with random numbers. */
export interface LargeShape {
  family: "gpt2" | "llama" | "opt";
  layers: number;
  heads: number;
  width: number;
  mlpWidth: number;
  vocabulary: number;
  positions: number;
}

export const LARGE_SHAPES = {
  "llama-2-7b": shape("llama", 32, 32, 4096, 11008, 32000, 4096),
  "gpt2-xl": shape("gpt2", 48, 25, 1600, 6400, 50257, 1024),
  "opt-1.3b": shape("opt", 24, 32, 2048, 8192, 50272, 2048),
  /** 1 GB, of no published model: small enough for a test. */
  "llama-1gb": shape("llama", 18, 16, 1536, 4096, 4000, 512),
} as const satisfies Record<string, LargeShape>;
export type LargeShapeName = keyof typeof LARGE_SHAPES;

function shape(
  family: LargeShape["family"],
  layers: number,
  heads: number,
  width: number,
  mlpWidth: number,
  vocabulary: number,
  positions: number,
): LargeShape {
  return { family, layers, heads, width, mlpWidth, vocabulary, positions };
}

/** Keys of config.json that differ from those of the bundled model of the same family. */
export function configOf({
  family,
  layers,
  heads,
  width,
  mlpWidth,
  vocabulary,
  positions,
}: LargeShape): Record<string, unknown> {
  if (family === "gpt2")
    return {
      n_layer: layers,
      n_head: heads,
      n_embd: width,
      n_inner: mlpWidth,
      vocab_size: vocabulary,
      n_positions: positions,
      n_ctx: positions,
      tie_word_embeddings: true,
    };
  const common = {
    num_hidden_layers: layers,
    num_attention_heads: heads,
    hidden_size: width,
    vocab_size: vocabulary,
    max_position_embeddings: positions,
  };
  if (family === "opt")
    return { ...common, ffn_dim: mlpWidth, word_embed_proj_dim: width, tie_word_embeddings: true };
  return {
    ...common,
    intermediate_size: mlpWidth,
    num_key_value_heads: heads,
    head_dim: width / heads,
    tie_word_embeddings: false,
  };
}

/** A tensor of random numbers around `mean`. */
export interface RandomTensor {
  name: string;
  shape: readonly number[];
  mean: number;
  deviation: number;
}

/** As models are initialised; norms and biases a little off 1 and 0, so that a forgotten one would show. */
const DEVIATION = { matrix: 0.02, vector: 0.05 };

/** All tensors, under the names that the family's published files have. */
export function tensorsOf({
  family,
  layers,
  width,
  mlpWidth,
  vocabulary,
  positions,
}: LargeShape): RandomTensor[] {
  const matrix = (name: string, rows: number, columns: number): RandomTensor => ({
    name: `${name}.weight`,
    shape: [rows, columns],
    mean: 0,
    deviation: DEVIATION.matrix,
  });
  const vector = (name: string, size: number, mean: number): RandomTensor => ({
    name,
    shape: [size],
    mean,
    deviation: DEVIATION.vector,
  });
  const rmsNorm = (name: string) => [vector(`${name}.weight`, width, 1)];
  const layerNorm = (name: string) => [...rmsNorm(name), vector(`${name}.bias`, width, 0)];
  const biased = (name: string, rows: number, columns: number, outer: number) => [
    matrix(name, rows, columns),
    vector(`${name}.bias`, outer, 0),
  ];
  const blocks = (one: (layer: number) => RandomTensor[]) =>
    Array.from({ length: layers }, (_, layer) => one(layer)).flat();
  if (family === "gpt2")
    return [
      matrix("transformer.wte", vocabulary, width),
      matrix("transformer.wpe", positions, width),
      ...blocks((layer) => {
        const block = `transformer.h.${layer}`;
        return [
          ...layerNorm(`${block}.ln_1`),
          ...biased(`${block}.attn.c_attn`, width, 3 * width, 3 * width),
          ...biased(`${block}.attn.c_proj`, width, width, width),
          ...layerNorm(`${block}.ln_2`),
          ...biased(`${block}.mlp.c_fc`, width, mlpWidth, mlpWidth),
          ...biased(`${block}.mlp.c_proj`, mlpWidth, width, width),
        ];
      }),
      ...layerNorm("transformer.ln_f"),
    ];
  if (family === "opt")
    return [
      matrix("model.decoder.embed_tokens", vocabulary, width),
      // The first two positions are never used: OPT counts from 2.
      matrix("model.decoder.embed_positions", positions + 2, width),
      ...blocks((layer) => {
        const block = `model.decoder.layers.${layer}`;
        const attention = ["q_proj", "k_proj", "v_proj", "out_proj"] as const;
        return [
          ...attention.flatMap((name) => biased(`${block}.self_attn.${name}`, width, width, width)),
          ...layerNorm(`${block}.self_attn_layer_norm`),
          ...biased(`${block}.fc1`, mlpWidth, width, mlpWidth),
          ...biased(`${block}.fc2`, width, mlpWidth, width),
          ...layerNorm(`${block}.final_layer_norm`),
        ];
      }),
      ...layerNorm("model.decoder.final_layer_norm"),
    ];
  return [
    matrix("model.embed_tokens", vocabulary, width),
    ...blocks((layer) => {
      const block = `model.layers.${layer}`;
      const attention = ["q_proj", "k_proj", "v_proj", "o_proj"] as const;
      return [
        ...rmsNorm(`${block}.input_layernorm`),
        ...attention.map((name) => matrix(`${block}.self_attn.${name}`, width, width)),
        ...rmsNorm(`${block}.post_attention_layernorm`),
        matrix(`${block}.mlp.gate_proj`, mlpWidth, width),
        matrix(`${block}.mlp.up_proj`, mlpWidth, width),
        matrix(`${block}.mlp.down_proj`, width, mlpWidth),
      ];
    }),
    ...rmsNorm("model.norm"),
    matrix("lm_head", vocabulary, width),
  ];
}
