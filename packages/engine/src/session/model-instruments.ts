import type { Instruments, Readout, TokenValue } from "../analyses/instruments.ts";
import type { NormSpec } from "../architectures/architecture.ts";
import { readRowRange, readTensor } from "../checkpoints/read-tensor.ts";
import { normScale } from "../planner/captures.ts";
import { sampleSequences } from "../sampling/sampler.ts";
import { int64, rowsOf } from "./arrays.ts";
import { linearLogits, logitsOfNormed } from "./logits.ts";
import type { ModelSession } from "./model-session.ts";
import type { Array2 } from "./onnx-session.ts";
import { openProjection, openUnembedding } from "./unembedding-rows.ts";

/** Floats of one vocabulary-sized intermediate: bounds the memory of a readout call to a few hundred MB. */
const MAX_LOGITS = 2 ** 24;

/** The instruments of an opened model; weights are read from the checkpoint when first asked for. */
export async function openInstruments(session: ModelSession): Promise<Instruments> {
  const { facts, finalNorm } = session.spec;
  const { width, vocabulary, norm } = facts;
  const gain = await readGain(session, finalNorm);
  const bias = finalNorm?.bias ? await readTensor(session.tensor(finalNorm.bias)) : null;
  const unembeddingRows = await openUnembedding(session);
  const meanRow = await meanOfRows(session);
  const centred = finalNorm !== null && norm.kind === "layernorm";
  const forms = new Map<number, Promise<Float32Array>>();
  let deviation: Promise<number> | undefined;
  const scales = (rows: Float32Array) =>
    finalNorm ? Float64Array.from(normScale(rows, facts)) : new Float64Array(rows.length / width).fill(1);

  const chunked = async (
    rows: Float32Array,
    perRow: number,
    run: (from: number, count: number) => Promise<void>,
  ) => {
    const total = rows.length / width;
    const size = Math.max(1, Math.floor(MAX_LOGITS / (vocabulary * perRow)));
    for (let from = 0; from < total; from += size) await run(from, Math.min(size, total - from));
  };

  /** `run` gets the logits before a soft cap, `[count, vocabulary]`, until it returns. */
  const unembedded = async (
    rows: Float32Array,
    perRow: number,
    run: (logits: Array2, from: number, count: number) => Promise<void>,
  ) => {
    let buffer = new Float32Array();
    await chunked(rows, perRow, async (from, count) => {
      if (buffer.length === 0) buffer = new Float32Array(count * vocabulary);
      const logits = buffer.subarray(0, count * vocabulary);
      await linearLogits(session, rows.subarray(from * width, (from + count) * width), logits);
      await run({ data: logits, dims: [count, vocabulary] }, from, count);
    });
  };

  const project = (rows: Float32Array, sigma: ArrayLike<number>, withBias: boolean): Float32Array => {
    const out = new Float32Array(rows.length);
    for (let row = 0; row < rows.length / width; row++) {
      const at = row * width;
      let mean = 0;
      if (centred) for (let i = 0; i < width; i++) mean += rows[at + i]! / width;
      for (let i = 0; i < width; i++) {
        out[at + i] = (gain[i]! * (rows[at + i]! - mean)) / sigma[row]! + (bias && withBias ? bias[i]! : 0);
      }
    }
    return out;
  };

  const top = async (rows: Float32Array, count: number): Promise<TokenValue[][]> => {
    const out: TokenValue[][] = [];
    await unembedded(rows, 2, async (logits, _, some) => {
      const values = new Float32Array(some * count);
      const ids = new BigInt64Array(some * count);
      await session.runModel(
        "top-tokens",
        { logits, count: int64([count]) },
        { values: { data: values, dims: [some, count] }, ids: { data: ids, dims: [some, count] } },
      );
      for (let i = 0; i < some; i++) {
        out.push(
          Array.from({ length: count }, (_, j) => ({
            token: Number(ids[i * count + j]),
            value: values[i * count + j]!,
          })),
        );
      }
    });
    return out;
  };

  const product = async (a: Float32Array, b: Float32Array, inner: number): Promise<Float32Array> => {
    const [m, n] = [a.length / inner, b.length / inner];
    const out = new Float32Array(m * n);
    await session.runModel(
      "matmul",
      { a: { data: a, dims: [m, inner] }, b: { data: b, dims: [n, inner] } },
      { product: { data: out, dims: [m, n] } },
    );
    return out;
  };

  return {
    scales,
    normalise: (rows, frozen) => project(rows, frozen ?? scales(rows), true),
    async read(rows, targets, ranked, { beforeCap = false } = {}): Promise<Readout> {
      const n = rows.length / width;
      const k = targets[0]?.length ?? 0;
      const out: Readout = {
        logit: new Float32Array(n * k),
        rank: new Float32Array(n * ranked),
        logSumExp: new Float32Array(n),
        mean: new Float32Array(n),
        entropy: new Float32Array(n),
      };
      await unembedded(rows, 2 + ranked, async (logits, from, count) => {
        const own = targets.slice(from, from + count);
        await session.runModel(
          beforeCap && facts.logitCap !== null ? "readout-before-cap" : "readout",
          {
            logits,
            targets: int64(own.flat(), [count, k]),
            ranked: int64(
              own.flatMap((row) => row.slice(0, ranked)),
              [count, ranked],
            ),
          },
          {
            logit: rowsOf(out.logit, from, count, k),
            rank: rowsOf(out.rank, from, count, ranked),
            log_sum_exp: { data: out.logSumExp.subarray(from, from + count), dims: [count] },
            mean: { data: out.mean.subarray(from, from + count), dims: [count] },
            entropy: { data: out.entropy.subarray(from, from + count), dims: [count] },
          },
        );
      });
      return out;
    },
    top,
    async frozenLogits(vectors, scale, count) {
      const n = vectors.length / width;
      const rows = project(vectors, new Float64Array(n).fill(scale), false);
      // The smallest logits of a row are the largest of its negative: one pass over the unembedding for all.
      const both = new Float32Array(2 * rows.length);
      both.set(rows);
      for (let i = 0; i < rows.length; i++) both[rows.length + i] = -rows[i]!;
      const ends = await top(both, count);
      return Array.from({ length: n }, (_, row) => {
        let mean = 0;
        for (let i = 0; i < width; i++) mean += rows[row * width + i]! * meanRow[i]!;
        return {
          top: ends[row]!.map(({ token, value }) => ({ token, value: value - mean })),
          bottom: ends[n + row]!.map(({ token, value }) => ({ token, value: -value - mean })),
        };
      });
    },
    async directions(tokens) {
      const out = await unembeddingRows(tokens);
      for (let row = 0; row < tokens.length; row++) {
        const direction = out.subarray(row * width, (row + 1) * width);
        let mean = 0;
        for (let i = 0; i < width; i++) {
          direction[i] = gain[i]! * (direction[i]! - meanRow[i]!);
          mean += direction[i]! / width;
        }
        // A LayerNorm takes x's mean away: that is the same as taking the direction's.
        if (centred) for (let i = 0; i < width; i++) direction[i]! -= mean;
      }
      return out;
    },
    async constants(tokens) {
      if (!bias) return new Float64Array(tokens.length);
      const rows = await unembeddingRows(tokens);
      return Float64Array.from(tokens, (_, t) => {
        let total = 0;
        for (let i = 0; i < width; i++) total += bias[i]! * (rows[t * width + i]! - meanRow[i]!);
        return total;
      });
    },
    product,
    async moments(samples, columns, inner) {
      const n = samples.length / (columns * inner);
      if (n === 1) return { mean: new Float64Array(samples), within: new Float64Array(columns * columns) };
      const shift = new Float32Array(columns * inner);
      const within = new Float32Array(columns * columns);
      await session.runModel(
        "moments",
        {
          samples: { data: samples, dims: [n, columns, inner] },
          contrasts: { data: contrastsOf(n), dims: [n - 1, n] },
        },
        {
          shift: { data: shift, dims: [columns, inner] },
          within: { data: within, dims: [columns, columns] },
        },
      );
      const mean = new Float64Array(shift);
      for (let i = 0; i < mean.length; i++) mean[i]! += samples[i]!;
      return { mean, within: new Float64Array(within) };
    },
    outputForms(layer) {
      let form = forms.get(layer);
      if (!form) {
        form = outputForms(session, layer);
        forms.set(layer, form);
      }
      return form;
    },
    async visitLogits(rows, visit) {
      await chunked(rows, 1, async (from, count) => {
        const logits = new Float32Array(count * vocabulary);
        await logitsOfNormed(session, rows.subarray(from * width, (from + count) * width), logits);
        for (let i = 0; i < count; i++)
          visit(from + i, logits.subarray(i * vocabulary, (i + 1) * vocabulary));
      });
    },
    mlpOutput: (layer) => mlpOutput(session, layer),
    sample: (options, visit) => sampleSequences(session, options, visit),
    unembedding: unembeddingRows,
    valueDirections: async (layer, directions) =>
      product(directions, await writingMatrix(session, layer), width),
    embeddingDeviation() {
      deviation ??= embeddingDeviation(session);
      return deviation;
    },
  };
}

/** Helmert's contrasts of n samples, `[n - 1, n]`: row j compares sample j + 1 with those before it. */
function contrastsOf(n: number): Float32Array {
  const out = new Float32Array((n - 1) * n);
  for (let j = 1; j < n; j++) {
    const at = (j - 1) * n;
    out.fill(1 / Math.sqrt(j * (j + 1)), at, at + j);
    out[at + j] = -j / Math.sqrt(j * (j + 1));
  }
  return out;
}

/** Standard deviation over all entries of the token embedding matrix, two passes in float64. */
async function embeddingDeviation(session: ModelSession): Promise<number> {
  const table = session.tensor(session.spec.embedding.token);
  const [rows, width] = table.shape as [number, number];
  const step = 4096;
  const total = async (term: (x: number) => number) => {
    let sum = 0;
    for (let first = 0; first < rows; first += step)
      for (const x of await readRowRange(table, first, Math.min(step, rows - first))) sum += term(x);
    return sum;
  };
  const mean = (await total((x) => x)) / (rows * width);
  const deviation = Math.sqrt((await total((x) => (x - mean) ** 2)) / (rows * width));
  return (session.spec.embedding.scale ?? 1) * deviation;
}

/** Gain of a norm, `[d_model]`: 1 where there is none. */
async function readGain(session: ModelSession, norm: NormSpec | null): Promise<Float32Array> {
  if (!norm?.weight) return new Float32Array(session.spec.facts.width).fill(1);
  const weight = await readTensor(session.tensor(norm.weight));
  return norm.plusOne ? weight.map((value) => 1 + value) : weight;
}

/** Mean unembedding row over the vocabulary, summed in float64. */
async function meanOfRows(session: ModelSession): Promise<Float64Array> {
  const table = session.tensor(session.spec.unembedding.weight);
  const [vocabulary, width] = table.shape as [number, number];
  const mean = new Float64Array(width);
  const step = 4096;
  for (let first = 0; first < vocabulary; first += step) {
    const rows = await readRowRange(table, first, Math.min(step, vocabulary - first));
    for (let at = 0; at < rows.length; at += width) for (let i = 0; i < width; i++) mean[i]! += rows[at + i]!;
  }
  const stored = mean.map((value) => value / vocabulary);
  if (!session.spec.unembedding.projection) return stored;
  return Float64Array.from((await openProjection(session))(Float32Array.from(stored)));
}

/** W_out of a layer's MLP as `[d_mlp, d_model]`, whatever its layout in the checkpoint. */
async function mlpOutput(session: ModelSession, layer: number): Promise<Float32Array> {
  const { width, mlpWidth } = session.spec.facts;
  const { weight, layout } = session.spec.block(layer).mlp.out;
  const matrix = await readTensor(session.tensor(weight));
  if (layout === "in_out") return matrix;
  const out = new Float32Array(matrix.length);
  for (let i = 0; i < mlpWidth; i++)
    for (let d = 0; d < width; d++) out[i * width + d] = matrix[d * mlpWidth + i]!;
  return out;
}

/** W_O of a layer as `[head, d_head, d_model]`, whatever its layout in the checkpoint. */
async function outputMatrix(session: ModelSession, layer: number): Promise<Float32Array> {
  const { heads, headWidth, width } = session.spec.facts;
  const { weight, layout } = session.spec.block(layer).out;
  const matrix = await readTensor(session.tensor(weight));
  if (layout === "in_out") return matrix;
  const rows = heads * headWidth;
  const out = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++)
    for (let d = 0; d < width; d++) out[row * width + d] = matrix[d * rows + row]!;
  return out;
}

/**
 * W_O with the gain of the norm on the attention's output, where there is one: what a head's values come out as, but for that norm's scale
 * (ln1_post.hook_scale).
 */
async function writingMatrix(session: ModelSession, layer: number): Promise<Float32Array> {
  const matrix = await outputMatrix(session, layer);
  const { facts, block } = session.spec;
  if (facts.postNorm !== "output") return matrix;
  const gain = await readGain(session, block(layer).postNorms!.attention);
  return matrix.map((value, i) => value * gain[i % facts.width]!);
}

/** W_O,h W_O,h^T of every head of a layer, `[head, d_head, d_head]`: z^T form z = |z W_O,h|^2; with `writingMatrix` for W_O. */
async function outputForms(session: ModelSession, layer: number): Promise<Float32Array> {
  const { heads, headWidth, width } = session.spec.facts;
  const matrix = await writingMatrix(session, layer);
  const out = new Float32Array(heads * headWidth * headWidth);
  for (let head = 0; head < heads; head++) {
    const own = matrix.subarray(head * headWidth * width, (head + 1) * headWidth * width);
    const product = new Float32Array(headWidth * headWidth);
    await session.runModel(
      "matmul",
      { a: { data: own, dims: [headWidth, width] }, b: { data: own, dims: [headWidth, width] } },
      { product: { data: product, dims: [headWidth, headWidth] } },
    );
    out.set(product, head * headWidth * headWidth);
  }
  return out;
}
