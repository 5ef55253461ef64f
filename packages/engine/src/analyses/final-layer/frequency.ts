import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { logSumExp } from "../../math/statistics.ts";
import { dot } from "../../math/vectors.ts";
import type { FrequencyDirection, UnigramReport } from "../../results/unigram.ts";
import type { Instruments } from "../instruments.ts";
import { estimateUnigram, type UnigramContext } from "./unigram.ts";

/** Ridge of the frequency direction, as a share of the largest eigenvalue. */
const RIDGE = 1e-6;
/** Rows of M whose products are summed in float32 before float64 takes over. */
const CHUNK = 512;
/** One bottom singular direction per so many coordinates: 12 of 768, as Stolfo et al. (2024) take for GPT-2 small. */
const COORDINATES_PER_NULL = 64;
/** Standard deviation over the vocabulary, in logits, below which a vector writes nothing. */
const WRITES_NOTHING = 1e-5;

/**
 * Frequency as the last layer sees it. M `[vocabulary, d_model]` is what the residual stream adds to centred logits under a final scale of 1
 * (the directions of direct logit attribution: final norm's gain and centring included), so that all of this lives in the residual stream.
 */
export interface Frequency {
  report: UnigramReport;
  /** log f `[vocabulary]`, mean 0; null where nothing estimates it. */
  logFrequency: Float64Array | null;
  /** log of the distribution that is proportional to f, `[vocabulary]`. */
  logProbability: Float64Array | null;
  /** Unit vector `[d_model]` of the minimum-norm least-squares solution of M x ~ log f. */
  direction: Float64Array | null;
  /** Of vectors `[n, d_model]`: product with log f's unit vector in logit space, and length of M x there. */
  push(vectors: Float32Array): Promise<{ along: Float64Array; length: Float64Array }>;
  /** Bottom singular directions of M, `[n, d_model]`: what is written there moves no logit, only the final scale (Stolfo et al. 2024). */
  bottom: Float32Array;
}

/**
 * Correlation over the vocabulary with log f of what `factor` times a vector writes, from the vector's `push`; NaN where that is nothing.
 */
export function frequencyCorrelation(
  along: number,
  length: number,
  factor: number,
  vocabulary: number,
): number {
  const deviation = (Math.abs(factor) * length) / Math.sqrt(vocabulary);
  if (deviation < WRITES_NOTHING) return Number.NaN;
  return Math.sign(factor) * atMostOne(along / length);
}

/** A correlation that rounding took past 1. */
const atMostOne = (correlation: number): number => Math.max(-1, Math.min(1, correlation));

const cache = new WeakMap<Instruments, Map<number, Promise<Frequency>>>();

/** Estimated once per opened model and seed; with counts of the user's anew. */
export function frequencyOf(context: UnigramContext, counts?: ArrayLike<number>): Promise<Frequency> {
  if (counts) return measureFrequency(context, counts);
  const { instruments, settings } = context;
  const bySeed = cache.get(instruments) ?? new Map<number, Promise<Frequency>>();
  cache.set(instruments, bySeed);
  let found = bySeed.get(settings.seed);
  if (!found) {
    found = measureFrequency(context);
    bySeed.set(settings.seed, found);
    // A cancelled estimate must not be what the next run finds.
    found.catch(() => bySeed.delete(settings.seed));
  }
  return found;
}

async function measureFrequency(context: UnigramContext, counts?: ArrayLike<number>): Promise<Frequency> {
  const { model, instruments } = context;
  const { width, vocabulary, norm } = model;
  const { report, logFrequency } = await estimateUnigram(context, counts);
  const varies = logFrequency?.some((value) => value !== 0) ? logFrequency : null;
  const { gram, pull } = await products(varies, vocabulary, width, instruments);
  const spectrum = spectrumOf(gram, width, norm.kind === "layernorm");
  const length = Math.sqrt(varies?.reduce((sum, value) => sum + value * value, 0) ?? 0);
  const found = varies && frequencyDirection(gram, spectrum, pull, length);
  const gram32 = Float32Array.from(gram);
  return {
    report: { ...report, direction: found?.report ?? null },
    logFrequency: varies,
    logProbability: varies && normalised(varies),
    direction: found?.direction ?? null,
    bottom: Float32Array.from(spectrum.vectors.subarray(-bottomCount(width) * width)),
    async push(vectors) {
      const images = await instruments.product(vectors, gram32, width);
      const n = vectors.length / width;
      const out = { along: new Float64Array(n), length: new Float64Array(n) };
      for (let i = 0; i < n; i++) {
        let square = 0;
        for (let d = 0; d < width; d++) {
          out.along[i]! += varies ? (vectors[i * width + d]! * pull[d]!) / length : 0;
          square += vectors[i * width + d]! * images[i * width + d]!;
        }
        out.length[i] = Math.sqrt(Math.max(0, square));
      }
      return out;
    },
  };
}

/** M^T M `[d_model, d_model]` and M^T f, summed over the vocabulary chunk by chunk. */
async function products(
  logFrequency: Float64Array | null,
  vocabulary: number,
  width: number,
  instruments: Instruments,
): Promise<{ gram: Float64Array; pull: Float64Array }> {
  const [gram, pull] = [new Float64Array(width * width), new Float64Array(width)];
  for (let first = 0; first < vocabulary; first += CHUNK) {
    const count = Math.min(CHUNK, vocabulary - first);
    const rows = await instruments.directions(Array.from({ length: count }, (_, i) => first + i));
    const columns = new Float32Array(rows.length);
    for (let i = 0; i < count; i++) {
      const weight = logFrequency?.[first + i] ?? 0;
      for (let d = 0; d < width; d++) {
        columns[d * count + i] = rows[i * width + d]!;
        pull[d]! += weight * rows[i * width + d]!;
      }
    }
    const part = await instruments.product(columns, columns, count);
    for (let i = 0; i < gram.length; i++) gram[i]! += part[i]!;
  }
  return { gram, pull };
}

const bottomCount = (width: number): number => Math.max(1, Math.round(width / COORDINATES_PER_NULL));

interface Spectrum {
  /** Largest eigenvalue of M^T M. */
  largest: number;
  /** In falling order, with unit vectors as rows `[d_model, d_model]`. */
  values: number[];
  vectors: Float64Array;
}

/**
 * Eigenvalues and vectors of M^T M. A LayerNorm takes the mean of x away, which is no way of writing without being heard: that direction is
 * put first, with the trace as its value.
 */
function spectrumOf(gram: Float64Array, width: number, centred: boolean): Spectrum {
  const matrix = new Matrix(width, width);
  const trace = Array.from({ length: width }, (_, d) => gram[d * width + d]!).reduce((a, b) => a + b, 0);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < width; j++) {
      const symmetric = (gram[i * width + j]! + gram[j * width + i]!) / 2;
      matrix.set(i, j, symmetric + (centred ? trace / width : 0));
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  });
  const order = [...realEigenvalues.keys()].sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  const vectors = new Float64Array(width * width);
  for (const [row, column] of order.entries())
    for (let d = 0; d < width; d++) vectors[row * width + d] = eigenvectorMatrix.get(d, column);
  const values = order.map((i) => realEigenvalues[i]!);
  return { largest: values[centred ? 1 : 0] ?? 0, values, vectors };
}

/** x = (M^T M + ridge)^-1 M^T f, made a unit vector. */
function frequencyDirection(
  gram: Float64Array,
  { values, vectors, largest }: Spectrum,
  pull: Float64Array,
  length: number,
): { direction: Float64Array; report: FrequencyDirection } | null {
  const width = pull.length;
  const lambda = RIDGE * largest;
  const solution = new Float64Array(width);
  for (const [i, value] of values.entries()) {
    const vector = vectors.subarray(i * width, (i + 1) * width);
    const share = dot(vector, pull) / (Math.max(value, 0) + lambda);
    for (let d = 0; d < width; d++) solution[d]! += share * vector[d]!;
  }
  const norm = Math.sqrt(dot(solution, solution));
  if (!(norm > 0)) return null;
  const direction = solution.map((value) => value / norm);
  let square = 0;
  for (let i = 0; i < width; i++)
    for (let j = 0; j < width; j++) square += direction[i]! * gram[i * width + j]! * direction[j]!;
  return {
    direction,
    report: { ridge: RIDGE, fit: atMostOne(dot(direction, pull) / (length * Math.sqrt(square))) },
  };
}

function normalised(logFrequency: Float64Array): Float64Array {
  const total = logSumExp(logFrequency);
  return logFrequency.map((value) => value - total);
}
