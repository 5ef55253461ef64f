import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { choleskyFactor, substitute } from "./cholesky.ts";

/** Sums of products of columns: symmetric, row-major `[columns, columns]`. */
export interface Gram {
  columns: number;
  values: Float64Array;
}

/** The standardised Gram matrix (unit diagonal) of the regressors that vary, by its eigenvalues. */
export interface Spectrum {
  gram: Gram;
  regressors: readonly number[];
  /** Places in `regressors` of those that vary; the others' contribution belongs to the intercept. */
  kept: readonly number[];
  values: readonly number[];
  vectors: Matrix;
  rank: number;
  /** null where no regressor varies or some are linearly dependent. */
  condition: number | null;
  /** Variance inflation of each regressor: 1 = orthogonal to the others; null where it is not identified. */
  inflation: (number | null)[];
}

/** A regressor whose sum of squares is below this share of the largest is constant. */
const CONSTANT = 1e-12;
const MAX_CONDITION = 1e10;
const EIGEN_CUT = 1e-10;

export function spectrumOf(gram: Gram, regressors: readonly number[]): Spectrum {
  const kept = varying(gram, regressors);
  const inflation: (number | null)[] = regressors.map(() => null);
  const part = { gram, regressors, kept, inflation };
  if (kept.length === 0)
    return { ...part, values: [], vectors: Matrix.zeros(0, 0), rank: 0, condition: null };
  const standard = Matrix.from1DArray(kept.length, kept.length, standardised(gram, regressors, kept));
  const { realEigenvalues: values, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(standard, {
    assumeSymmetric: true,
  });
  const [smallest, largest] = [Math.min(...values), Math.max(...values)];
  const rank = values.filter((value) => value > EIGEN_CUT * largest).length;
  if (rank === kept.length) {
    for (const [i, k] of kept.entries()) {
      inflation[k] = values.reduce((sum, value, j) => sum + vectors.get(i, j) ** 2 / value, 0);
    }
  }
  return { ...part, values, vectors, rank, condition: smallest > 0 ? largest / smallest : null };
}

/**
 * Least-squares weights of a target column, `[regressor]`; null where a regressor does not vary. With `lambda` the standardised Gram gets
 * lambda on its diagonal; without, a singular one is solved by minimum norm on the standardised scale.
 */
export function solve(
  { gram, regressors, kept, values, vectors, condition }: Spectrum,
  target: number,
  lambda: number | null,
) {
  const wellPosed = lambda !== null || (condition !== null && condition < MAX_CONDITION);
  const largest = Math.max(...values);
  const cross = standardisedCross(gram, regressors, kept, target);
  const weights: (number | null)[] = regressors.map(() => null);
  const rotated = values.map((value, j) => {
    if (!wellPosed && value <= EIGEN_CUT * largest) return 0;
    let total = 0;
    for (let i = 0; i < kept.length; i++) total += vectors.get(i, j) * cross[i]!;
    return total / (Math.max(value, 0) + (lambda ?? 0));
  });
  for (const [i, k] of kept.entries()) {
    const total = rotated.reduce((sum, value, j) => sum + vectors.get(i, j) * value, 0);
    weights[k] = total / Math.sqrt(square(gram, regressors[k]!));
  }
  return weights;
}

/**
 * Solves for the first `count` regressors of a list, for many counts, targets and penalties: the Cholesky factor of the whole standardised
 * Gram holds that of every leading part. Regressors that do not vary get weight 0.
 */
export function nestedSolver(gram: Gram, regressors: readonly number[]) {
  const all = varying(gram, regressors);
  const size = all.length;
  const scale = Float64Array.from(all, (k) => Math.sqrt(square(gram, regressors[k]!)));
  const standard = standardised(gram, regressors, all);
  const factors = new Map<number | null, Float64Array | null>();
  const factorOf = (lambda: number | null): Float64Array | null => {
    let factor = factors.get(lambda);
    if (factor === undefined) {
      const matrix = standard.slice();
      for (let i = 0; i < size; i++) matrix[i * size + i]! += lambda ?? 0;
      factor = choleskyFactor(matrix, size, EIGEN_CUT);
      factors.set(lambda, factor);
    }
    return factor;
  };
  /** How many of `all` are in a leading part; null where it varies otherwise by itself: constant is meant relative to the regressors in use. */
  const keptOf = new Map<number, number | null>();
  const keptIn = (count: number): number | null => {
    let kept = keptOf.get(count);
    if (kept === undefined) {
      const part = all.filter((k) => k < count).length;
      kept = varying(gram, regressors.slice(0, count)).length === part ? part : null;
      keptOf.set(count, kept);
    }
    return kept;
  };
  return (count: number, target: number, lambda: number | null): Float64Array => {
    const kept = keptIn(count);
    const out = new Float64Array(count);
    if (kept === 0) return out;
    const factor = kept === null ? null : factorOf(lambda);
    if (kept === null || factor === null) {
      const own = regressors.slice(0, count);
      return Float64Array.from(solve(spectrumOf(gram, own), target, lambda), (weight) => weight ?? 0);
    }
    const cross = new Float64Array(kept);
    for (let i = 0; i < kept; i++)
      cross[i] = gram.values[regressors[all[i]!]! * gram.columns + target]! / scale[i]!;
    const solution = substitute(factor, size, cross);
    for (let i = 0; i < kept; i++) out[all[i]!] = solution[i]! / scale[i]!;
    return out;
  };
}

/** Sum of squares of target - sum_k w_k regressor_k, from the sums of products alone. */
export const residualSquares = (
  gram: Gram,
  regressors: readonly number[],
  target: number,
  weights: ArrayLike<number>,
): number => residualSquaresOf(gram, regressors, target, [Float64Array.from(weights)])[0]!;

/** The same for several weights at once, which reads the sums of products once for four of them. */
export function residualSquaresOf(
  gram: Gram,
  regressors: readonly number[],
  target: number,
  weights: readonly Float64Array[],
): number[] {
  const out: number[] = [];
  for (let first = 0; first < weights.length; first += 4) {
    const [a, b = a, c = a, d = a] = weights.slice(first, first + 4) as [Float64Array, ...Float64Array[]];
    const four = quadratics(gram, regressors, target, [a, b!, c!, d!]);
    out.push(...four.slice(0, weights.length - first));
  }
  return out;
}

function quadratics(
  { columns, values }: Gram,
  regressors: readonly number[],
  target: number,
  [a, b, c, d]: readonly [Float64Array, Float64Array, Float64Array, Float64Array],
): number[] {
  const places = Int32Array.from(regressors);
  const total = values[target * columns + target]!;
  let [ta, tb, tc, td] = [total, total, total, total];
  for (let i = 0; i < places.length; i++) {
    const row = places[i]! * columns;
    let [ra, rb, rc, rd] = [0, 0, 0, 0];
    for (let j = 0; j < i; j++) {
      const value = values[row + places[j]!]!;
      ra += value * a[j]!;
      rb += value * b[j]!;
      rc += value * c[j]!;
      rd += value * d[j]!;
    }
    // The matrix is symmetric: what stands left of the diagonal counts twice.
    const cross = values[row + target]!;
    const own = values[row + places[i]!]!;
    ta += a[i]! * (2 * (ra - cross) + own * a[i]!);
    tb += b[i]! * (2 * (rb - cross) + own * b[i]!);
    tc += c[i]! * (2 * (rc - cross) + own * c[i]!);
    td += d[i]! * (2 * (rd - cross) + own * d[i]!);
  }
  return [ta, tb, tc, td].map((value) => Math.max(0, value));
}

const square = ({ columns, values }: Gram, column: number): number => values[column * columns + column]!;

function varying(gram: Gram, regressors: readonly number[]): number[] {
  const squares = regressors.map((column) => square(gram, column));
  const largest = Math.max(0, ...squares);
  return squares.flatMap((value, k) => (value > CONSTANT * largest && value > 0 ? [k] : []));
}

/** Row-major, with ones on its diagonal. */
function standardised(gram: Gram, regressors: readonly number[], kept: readonly number[]): Float64Array {
  const columns = kept.map((k) => regressors[k]!);
  const scale = columns.map((column) => Math.sqrt(square(gram, column)));
  const out = new Float64Array(kept.length ** 2);
  for (const [i, a] of columns.entries()) {
    for (const [j, b] of columns.entries())
      out[i * kept.length + j] = i === j ? 1 : gram.values[a * gram.columns + b]! / (scale[i]! * scale[j]!);
  }
  return out;
}

const standardisedCross = (
  gram: Gram,
  regressors: readonly number[],
  kept: readonly number[],
  target: number,
) =>
  Float64Array.from(kept, (k) => {
    const column = regressors[k]!;
    return gram.values[column * gram.columns + target]! / Math.sqrt(square(gram, column));
  });
