import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from "ml-matrix";

export interface Solution {
  /** `[k]`; null where a regressor does not vary. */
  weights: (number | null)[];
  rank: number;
  /** Of the standardised Gram matrix of the regressors that vary; null when none does. */
  condition: number | null;
  /** Inverse (or pseudo-inverse) of the possibly ridged Gram matrix in raw units, `[k, k]`, zero rows for what does not vary. */
  inverse: Matrix;
}

/** A regressor whose variance is below this share of the largest is constant: its contribution belongs to the intercept. */
const CONSTANT = 1e-12;
const MAX_CONDITION = 1e10;
const EIGEN_CUT = 1e-10;

/** Regressors that vary within the data, by the diagonal of their Gram matrix. */
export function identifiable(gram: Matrix): number[] {
  const diagonal = gram.diagonal();
  const largest = Math.max(0, ...diagonal);
  return diagonal.flatMap((value, k) => (value > CONSTANT * largest && value > 0 ? [k] : []));
}

/**
 * Solves gram w = cross on the standardised scale (unit diagonal): Cholesky where the condition allows it, else the minimum-norm solution
 * in that scaling. With `lambda` the standardised Gram gets lambda on its diagonal.
 */
export function solveNormalEquations(
  gram: Matrix,
  cross: readonly number[],
  lambda: number | null,
): Solution {
  const kept = identifiable(gram);
  const scale = kept.map((k) => Math.sqrt(gram.get(k, k)));
  const n = kept.length;
  if (n === 0) {
    return {
      weights: cross.map(() => null),
      rank: 0,
      condition: null,
      inverse: Matrix.zeros(cross.length, cross.length),
    };
  }
  const standard = new Matrix(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) standard.set(i, j, gram.get(kept[i]!, kept[j]!) / (scale[i]! * scale[j]!));
  }
  const eigen = new EigenvalueDecomposition(standard, { assumeSymmetric: true });
  const values = eigen.realEigenvalues;
  const largest = Math.max(...values);
  const smallest = Math.min(...values);
  const condition = smallest > 0 ? largest / smallest : Number.POSITIVE_INFINITY;
  const rank = values.filter((value) => value > EIGEN_CUT * largest).length;
  const wellPosed = lambda !== null || condition < MAX_CONDITION;
  const small = eigen.eigenvectorMatrix;
  const inverted = values.map((value) => {
    if (!wellPosed && value <= EIGEN_CUT * largest) return 0;
    return 1 / (Math.max(value, 0) + (lambda ?? 0));
  });
  const standardInverse = small.mmul(Matrix.diag(inverted)).mmul(small.transpose());
  const inverse = Matrix.zeros(cross.length, cross.length);
  const weights: (number | null)[] = cross.map(() => null);
  for (let i = 0; i < n; i++) {
    let total = 0;
    for (let j = 0; j < n; j++) {
      const entry = standardInverse.get(i, j) / (scale[i]! * scale[j]!);
      inverse.set(kept[i]!, kept[j]!, entry);
      total += entry * cross[kept[j]!]!;
    }
    weights[kept[i]!] = total;
  }
  return { weights, rank, condition: Number.isFinite(condition) ? condition : null, inverse };
}

/** Weights only, for cross-validation: Cholesky of the standardised, ridged Gram; falls back to the solver above if it is not definite. */
export function fastWeights(gram: Matrix, cross: readonly number[], lambda: number | null): number[] {
  const kept = identifiable(gram);
  const out = new Array<number>(cross.length).fill(0);
  if (kept.length === 0) return out;
  const scale = kept.map((k) => Math.sqrt(gram.get(k, k)));
  const standard = new Matrix(kept.length, kept.length);
  for (let i = 0; i < kept.length; i++) {
    for (let j = 0; j < kept.length; j++)
      standard.set(i, j, gram.get(kept[i]!, kept[j]!) / (scale[i]! * scale[j]!));
    standard.set(i, i, 1 + (lambda ?? 0));
  }
  const cholesky = new CholeskyDecomposition(standard);
  if (!cholesky.isPositiveDefinite())
    return solveNormalEquations(gram, cross, lambda).weights.map((w) => w ?? 0);
  const solution = cholesky.solve(Matrix.columnVector(kept.map((k, i) => cross[k]! / scale[i]!)));
  for (const [i, k] of kept.entries()) out[k] = solution.get(i, 0) / scale[i]!;
  return out;
}

/** Eigenvalues of a symmetric matrix. */
export const symmetricEigenvalues = (matrix: Matrix): number[] =>
  new EigenvalueDecomposition(matrix, { assumeSymmetric: true }).realEigenvalues;
