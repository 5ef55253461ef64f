import type { Instruments, TokenValue } from "../../src/analyses/instruments.ts";
import { seededRandom } from "../../src/math/random.ts";

/** What the readouts need of a model's weights; row-major. */
export interface ReferenceWeights {
  width: number;
  vocabulary: number;
  norm: "none" | "layernorm" | "rms";
  epsilon: number;
  gain: ArrayLike<number>;
  bias: ArrayLike<number> | null;
  /** Logits are cap tanh(x / cap). */
  cap?: number | null;
  /** `[vocabulary, width]` */
  unembedding: ArrayLike<number>;
  /** `[vocabulary, width]`; the unembedding where it is left out, as in a tied model. */
  embedding?: ArrayLike<number>;
  /** W_O of a layer, `[head, d_head, width]`. */
  output: (layer: number) => { heads: number; headWidth: number; values: ArrayLike<number> };
  /** W_out of a layer's MLP, `[d_mlp, width]`. */
  mlpOutput?: (layer: number) => ArrayLike<number>;
  /** Logits after a sequence of tokens, `[vocabulary]`: what samples are drawn from, one whole sequence at a time. */
  nextLogits?: (tokens: readonly number[]) => Promise<ArrayLike<number>>;
}

/** The instruments written out in float64 loops. */
export function referenceInstruments(weights: ReferenceWeights): Instruments {
  const { width, vocabulary, norm, epsilon, gain, bias, unembedding, cap = null } = weights;
  const columnMean = Float64Array.from({ length: width }, (_, d) => {
    let total = 0;
    for (let v = 0; v < vocabulary; v++) total += unembedding[v * width + d]!;
    return total / vocabulary;
  });
  const meanOf = (row: ArrayLike<number>) => (norm === "layernorm" ? sum(row) / row.length : 0);
  const scaleOf = (row: ArrayLike<number>): number => {
    if (norm === "none") return 1;
    const mean = meanOf(row);
    return Math.sqrt(sum(Array.from(row, (x) => (x - mean) ** 2)) / row.length + epsilon);
  };
  const split = (rows: Float32Array) =>
    Array.from({ length: rows.length / width }, (_, i) => rows.subarray(i * width, (i + 1) * width));
  const normed = (row: ArrayLike<number>, scale: number, withBias: boolean) => {
    const mean = meanOf(row);
    return Array.from(row, (x, d) => (gain[d]! * (x - mean)) / scale + (withBias && bias ? bias[d]! : 0));
  };
  const logitsOf = (row: ArrayLike<number>) =>
    Float64Array.from({ length: vocabulary }, (_, v) => {
      let total = 0;
      for (let d = 0; d < width; d++) total += row[d]! * unembedding[v * width + d]!;
      return total;
    });
  const sorted = (values: Float64Array, count: number, sign: 1 | -1): TokenValue[] =>
    Array.from(values, (value, token) => ({ token, value }))
      .sort((a, b) => sign * (b.value - a.value) || a.token - b.token)
      .slice(0, count);
  const centredRow = (token: number) => columnMean.map((mean, d) => unembedding[token * width + d]! - mean);

  return {
    scales: (rows) => Float64Array.from(split(rows), scaleOf),
    normalise: (rows, scales) =>
      Float32Array.from(split(rows).flatMap((row, i) => normed(row, scales?.[i] ?? scaleOf(row), true))),
    async read(rows, targets, ranked, { beforeCap = false } = {}) {
      const out = split(rows).map((row, i) => {
        const plain = logitsOf(row);
        const logits = cap === null || beforeCap ? plain : plain.map((x) => cap * Math.tanh(x / cap));
        const largest = Math.max(...logits);
        const logSumExp = largest + Math.log(sum(logits.map((x) => Math.exp(x - largest))));
        const own = targets[i]!.map((token) => logits[token]!);
        return {
          logit: own,
          rank: own.slice(0, ranked).map((x) => logits.filter((other) => other > x).length),
          logSumExp,
          mean: sum(logits) / vocabulary,
          entropy: -sum(logits.map((x) => Math.exp(x - logSumExp) * (x - logSumExp))),
        };
      });
      return {
        logit: Float32Array.from(out.flatMap(({ logit }) => logit)),
        rank: Float32Array.from(out.flatMap(({ rank }) => rank)),
        logSumExp: Float32Array.from(out, (o) => o.logSumExp),
        mean: Float32Array.from(out, (o) => o.mean),
        entropy: Float32Array.from(out, (o) => o.entropy),
      };
    },
    top: async (rows, count) => split(rows).map((row) => sorted(logitsOf(row), count, 1)),
    frozenLogits: async (vectors, scale, count) =>
      split(vectors).map((vector) => {
        const logits = logitsOf(normed(vector, scale, false));
        const mean = sum(logits) / vocabulary;
        const centred = logits.map((x) => x - mean);
        return { top: sorted(centred, count, 1), bottom: sorted(centred, count, -1) };
      }),
    directions: async (tokens) =>
      Float32Array.from(
        tokens.flatMap((token) => {
          const row = Array.from(centredRow(token), (x, d) => x * gain[d]!);
          const mean = norm === "layernorm" ? sum(row) / width : 0;
          return row.map((x) => x - mean);
        }),
      ),
    constants: async (tokens) =>
      Float64Array.from(tokens, (token) => (bias ? sum(centredRow(token).map((x, d) => x * bias[d]!)) : 0)),
    async product(a, b, inner) {
      const [m, n] = [a.length / inner, b.length / inner];
      const out = new Float32Array(m * n);
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let total = 0;
          for (let k = 0; k < inner; k++) total += a[i * inner + k]! * b[j * inner + k]!;
          out[i * n + j] = total;
        }
      }
      return out;
    },
    async moments(samples, columns, inner) {
      const size = columns * inner;
      const n = samples.length / size;
      const mean = new Float64Array(size);
      for (let i = 0; i < samples.length; i++) mean[i % size]! += samples[i]! / n;
      const within = new Float64Array(columns * columns);
      for (let sample = 0; sample < n; sample++) {
        const deviation = mean.map((value, i) => samples[sample * size + i]! - value);
        for (let a = 0; a < columns; a++)
          for (let b = 0; b < columns; b++)
            for (let k = 0; k < inner; k++)
              within[a * columns + b]! += deviation[a * inner + k]! * deviation[b * inner + k]!;
      }
      return { mean, within };
    },
    async embeddingDeviation() {
      const table = weights.embedding ?? unembedding;
      const mean = sum(table) / table.length;
      return Math.sqrt(sum(Array.from(table, (x) => (x - mean) ** 2)) / table.length);
    },
    async outputForms(layer) {
      const { heads, headWidth, values } = weights.output(layer);
      const out = new Float32Array(heads * headWidth * headWidth);
      for (let i = 0; i < heads * headWidth; i++) {
        const head = Math.floor(i / headWidth);
        for (let j = 0; j < headWidth; j++) {
          let total = 0;
          for (let d = 0; d < width; d++)
            total += values[i * width + d]! * values[(head * headWidth + j) * width + d]!;
          out[i * headWidth + j] = total;
        }
      }
      return out;
    },
    async visitLogits(rows, visit) {
      for (const [i, row] of split(rows).entries()) visit(i, Float32Array.from(logitsOf(row)));
    },
    async mlpOutput(layer) {
      if (!weights.mlpOutput) throw new Error("these weights have no MLP");
      return Float32Array.from(weights.mlpOutput(layer));
    },
    async sample({ start, sequences, length, seed }, visit) {
      if (!weights.nextLogits) throw new Error("these weights are no whole model: nothing to sample from");
      const out: number[][] = [];
      for (let sequence = 0; sequence < sequences; sequence++) {
        const random = seededRandom(`sample ${seed} ${sequence}`);
        const tokens = [start];
        for (let step = 0; step < length; step++) {
          const logits = Float64Array.from(await weights.nextLogits(tokens));
          const weight = logits.map((x) => Math.exp(x - Math.max(...logits)));
          const probabilities = weight.map((x) => x / sum(weight));
          visit(sequence, step, probabilities);
          let rest = random();
          tokens.push(
            probabilities.findIndex((p) => {
              rest -= p;
              return rest < 0;
            }),
          );
        }
        out.push(tokens.slice(1));
      }
      return out;
    },
    unembedding: async (tokens) =>
      Float32Array.from(
        tokens.flatMap((token) => Array.from({ length: width }, (_, d) => unembedding[token * width + d]!)),
      ),
    async valueDirections(layer, directions) {
      const { heads, headWidth, values } = weights.output(layer);
      const rows = heads * headWidth;
      return Float32Array.from({ length: (directions.length / width) * rows }, (_, at) => {
        const [n, row] = [Math.floor(at / rows), at % rows];
        let total = 0;
        for (let d = 0; d < width; d++) total += directions[n * width + d]! * values[row * width + d]!;
        return total;
      });
    },
  };
}

const sum = (values: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
};
