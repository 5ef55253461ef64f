import { Matrix } from "ml-matrix";
import { fastWeights, solveNormalEquations } from "../../math/least-squares.ts";
import { shuffled } from "../../math/random.ts";
import { mean, standardDeviation } from "../../math/statistics.ts";
import { type CentredMoments, deviations, type FactMoments } from "./moments.ts";

/** Ridge penalties tried, on the standardised scale. */
export const LAMBDAS = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10] as const;

export interface Fit {
  weights: (number | null)[];
  standardErrors: (number | null)[];
  rank: number;
  condition: number | null;
  lambda: number | null;
  r2Within: number | null;
}

/** A train / test cut of the facts with the train facts' moments. */
export interface Fold {
  train: CentredMoments;
  test: readonly FactMoments[];
}

/** Facts cut into `folds` seeded parts; a fact never stands on both sides. */
export function factFolds(facts: number, folds: number, random: () => number): number[][] {
  const order = shuffled(
    Array.from({ length: facts }, (_, i) => i),
    random,
  );
  const parts = Array.from({ length: Math.min(folds, facts) }, (): number[] => []);
  for (const [i, fact] of order.entries()) parts[i % parts.length]!.push(fact);
  return parts;
}

const normalEquations = (moments: CentredMoments, regressors: readonly number[], target: number) => {
  const { gram, columns } = moments;
  const matrix = new Matrix(regressors.length, regressors.length);
  for (const [i, a] of regressors.entries())
    for (const [j, b] of regressors.entries()) matrix.set(i, j, gram[a * columns + b]!);
  return {
    matrix,
    cross: regressors.map((k) => gram[k * columns + target]!),
    square: gram[target * columns + target]!,
  };
};

/** Penalty with the smallest squared error on held-out facts over the folds. */
export function chooseLambda(folds: readonly Fold[], regressors: readonly number[], target: number): number {
  const errors = LAMBDAS.map((lambda) =>
    folds.reduce((sum, fold) => sum + testError(fold, regressors, target, lambda).error, 0),
  );
  return LAMBDAS[errors.indexOf(Math.min(...errors))]!;
}

function testError(
  { train, test }: Fold,
  regressors: readonly number[],
  target: number,
  lambda: number | null,
) {
  const { matrix, cross } = normalEquations(train, regressors, target);
  const weights = fastWeights(matrix, cross, lambda);
  const subset = [...regressors, target];
  const sumOver = (v: readonly number[]) =>
    test.reduce((sum, fact) => sum + deviations(fact, train, subset, v).square, 0);
  return { error: sumOver([...weights.map((w) => -w), 1]), total: sumOver([...weights.map(() => 0), 1]) };
}

/** R2 on held-out facts, one per fold: 1 - |m - (Xw + b)|^2 / |m - mean_train|^2; may be negative. */
export function heldOutR2(
  folds: readonly Fold[],
  regressors: readonly number[],
  target: number,
  lambda: number | null,
) {
  const values = folds.flatMap((fold) => {
    const { error, total } = testError(fold, regressors, target, lambda);
    return total > 0 ? [1 - error / total] : [];
  });
  return { mean: values.length ? mean(values) : null, sd: standardDeviation(values), folds: values.length };
}

/** Least squares of a target column on regressor columns over all facts, with standard errors clustered by fact. */
export function fit(
  facts: readonly FactMoments[],
  all: CentredMoments,
  regressors: readonly number[],
  target: number,
  lambda: number | null,
): Fit {
  const { matrix, cross, square } = normalEquations(all, regressors, target);
  const solution = solveNormalEquations(matrix, cross, lambda);
  const weights = solution.weights.map((w) => w ?? 0);
  const subset = [...regressors, target];
  const v = [...weights.map((w) => -w), 1];
  const meat = Matrix.zeros(regressors.length, regressors.length);
  let error = 0;
  for (const fact of facts) {
    const { square: own, scores } = deviations(fact, all, subset, v);
    error += own;
    const row = Matrix.rowVector(Array.from(scores.subarray(0, regressors.length)));
    meat.add(row.transpose().mmul(row));
  }
  const covariance = solution.inverse
    .mmul(meat)
    .mmul(solution.inverse)
    .mul(facts.length / Math.max(1, facts.length - 1));
  return {
    weights: solution.weights,
    standardErrors: solution.weights.map((w, k) =>
      w === null ? null : Math.sqrt(Math.max(0, covariance.get(k, k))),
    ),
    rank: solution.rank,
    condition: solution.condition,
    lambda,
    r2Within: square > 0 ? 1 - error / square : null,
  };
}
