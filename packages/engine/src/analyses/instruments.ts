import type { SampleOptions, VisitDistribution } from "../sampling/sampler.ts";

/** What analyses may ask of the model besides passes: its weights where they read residual vectors, and fast products over rows. */
export interface Instruments {
  /**
   * Final norm of residual rows `[n, d_model]`: g (x - mean) / scale + b. With `scales` `[n]` the scale is frozen to them instead of the
   * row's own.
   */
  normalise(rows: Float32Array, scales?: ArrayLike<number>): Float32Array;
  /** Own final-norm scale of each row, `[n]`. */
  scales(rows: Float32Array): Float64Array;
  /**
   * Unembeds normed rows: see `Readout`. The first `ranked` targets of each row get ranks. `beforeCap`: of a soft-capped model's linear logits, to which
   * `directions` and `constants` add up.
   */
  read(
    rows: Float32Array,
    targets: readonly (readonly number[])[],
    ranked: number,
    options?: { beforeCap?: boolean },
  ): Promise<Readout>;
  /** The tokens with the largest logits of normed rows `[n, d_model]`. */
  top(rows: Float32Array, count: number): Promise<TokenValue[][]>;
  /** Largest and smallest centred logits of each residual vector `[n, d_model]` under a frozen scale, without the norm's bias. */
  frozenLogits(
    vectors: Float32Array,
    scale: number,
    count: number,
  ): Promise<{ top: TokenValue[]; bottom: TokenValue[] }[]>;
  /**
   * Direct-logit directions `[tokens, d_model]` of the frozen-norm readout: <direction_v, x> / scale is what a vector x of the residual
   * stream adds to logit(v) - mean logit.
   */
  directions(tokens: readonly number[]): Promise<Float32Array>;
  /** Part of logit(v) - mean logit that no component writes: the final norm's bias through the unembedding, `[tokens]`. */
  constants(tokens: readonly number[]): Promise<Float64Array>;
  /** a `[m, inner]` times the transpose of b `[n, inner]`: `[m, n]`, float32. */
  product(a: Float32Array, b: Float32Array, inner: number): Promise<Float32Array>;
  /**
   * Mean of samples `[n, column, inner]` and sums over samples of products of their deviations from it, contracted over `inner`:
   * `[column, inner]` and `[column, column]`.
   */
  moments(
    samples: Float32Array,
    columns: number,
    inner: number,
  ): Promise<{ mean: Float64Array; within: Float64Array }>;
  /**
   * |x W_O,h| for a head's values: quadratic forms W_O W_O^T `[head, d_head, d_head]` of a layer. Where the attention's output is normed, W_O here and below
   * includes that norm's gain, and what is written is 1 / ln1_post.hook_scale of it.
   */
  outputForms(layer: number): Promise<Float32Array>;
  /** Standard deviation of all entries of the token embedding matrix, as they enter the stream. */
  embeddingDeviation(): Promise<number>;
  /** Rows of the unembedding as they meet the normed stream, `[tokens, d_model]`: not centred, without the final norm's gain. */
  unembedding(tokens: readonly number[]): Promise<Float32Array>;
  /**
   * Directions `[n, d_model]` of the residual stream seen from the values of a layer's heads: W_O,h d, `[n, head, d_head]`. Its product
   * with a value v is <v W_O,h, d>.
   */
  valueDirections(layer: number, directions: Float32Array): Promise<Float32Array>;
  /** Logits `[vocabulary]` of normed rows `[n, d_model]`, row by row; the array is reused. */
  visitLogits(rows: Float32Array, visit: (row: number, logits: Float32Array) => void): Promise<void>;
  /** What each neuron of a layer's MLP writes per unit of its activation (mlp.hook_post): W_out `[d_mlp, d_model]`. */
  mlpOutput(layer: number): Promise<Float32Array>;
  /** Ancestral samples of the model's own text: see `sampleSequences`. */
  sample(options: SampleOptions, visit: VisitDistribution): Promise<number[][]>;
}

/** Numbers of a row's logits; ranks count tokens with a strictly larger logit. */
export interface Readout {
  /** `[n, targets]` */
  logit: Float32Array;
  /** `[n, ranked]` */
  rank: Float32Array;
  logSumExp: Float32Array;
  mean: Float32Array;
  /** nats */
  entropy: Float32Array;
}

export interface TokenValue {
  token: number;
  value: number;
}
