import { EigenvalueDecomposition, Matrix, solve } from "ml-matrix";
import { seededRandom, shuffled } from "../../math/random.ts";

export const FOLDS = 5;
export const REPEATS = 5;
/** Shares of the components' mean sum of squares, strongest first. */
const PENALTIES = [10, 1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];
/** Directions with less of the largest one's sum of squares are rounding. */
const CUT = 1e-10;

/** Deviations of the targets from their training mean, and what the map makes of the inputs' deviations; rows are facts. */
export interface Mapped {
  target: Matrix;
  predicted: Matrix;
}
export interface RidgeMap {
  components: number;
  penalty: number;
  inSample: Mapped;
  /** One per repeat; each fact is predicted from the facts of other folds. */
  heldOut: Mapped[];
  /** Share of the squares of the first `fitted` targets that least squares on every direction of x explains. */
  fullRank: number;
}

/** Coordinates of points from their products: distances stay as they are, directions without variation are dropped. */
export function coordinates(gram: Matrix): Matrix {
  const { values, vectors } = decomposed(gram);
  const out = new Matrix(gram.rows, Math.max(1, values.length));
  for (const [j, value] of values.entries())
    for (let i = 0; i < gram.rows; i++) out.set(i, j, vectors.get(i, j) * Math.sqrt(value));
  return out;
}

/**
 * y - mean ~ J (x - mean) by ridge on the first principal components of x (as in the linear relational embeddings of Hernandez et al. 2024,
 * but fitted). The penalty is chosen by folds inside the training facts; of penalties that predict alike, the strongest.
 * @param x `[fact, coordinate]` @param y `[fact, target]` @param fitted how many of the targets count for the choice of the penalty; the
 * others only come along @param order of the facts that the folds are drawn in
 */
export function ridgeMap(
  x: Matrix,
  y: Matrix,
  fitted: number,
  components: number,
  seed: string,
  order: readonly number[],
): RidgeMap {
  const random = seededRandom(seed);
  const heldOut = Array.from({ length: REPEATS }, (): Mapped => {
    const out = { target: Matrix.zeros(x.rows, y.columns), predicted: Matrix.zeros(x.rows, y.columns) };
    for (const { train, test } of foldsOf(order, random)) {
      const fit = fitMap(pick(x, train), pick(y, train), fitted, components, random);
      const { target, predicted } = fit.apply(pick(x, test), pick(y, test));
      for (const [i, fact] of test.entries()) {
        out.target.setRow(fact, target.getRow(i));
        out.predicted.setRow(fact, predicted.getRow(i));
      }
    }
    return out;
  });
  const whole = fitMap(pick(x, order), pick(y, order), fitted, components, random);
  const free = fitMap(x, y, fitted, x.rows, null).apply(x, y);
  const total = squaresOf(free.target, fitted);
  const left = squaresOf(Matrix.sub(free.target, free.predicted), fitted);
  return {
    components: whole.components,
    penalty: whole.penalty,
    inSample: whole.apply(x, y),
    heldOut,
    fullRank: 1 - left / total,
  };
}

/** Sum of squares of the first columns. */
export function squaresOf(matrix: Matrix, columns: number): number {
  let total = 0;
  for (let i = 0; i < matrix.rows; i++) for (let j = 0; j < columns; j++) total += matrix.get(i, j) ** 2;
  return total;
}

/** @param random null: no penalty */
function fitMap(x: Matrix, y: Matrix, fitted: number, components: number, random: (() => number) | null) {
  const means = x.mean("column");
  const centred = minusRow(x, means);
  const { values, vectors } = decomposed(centred.transpose().mmul(centred));
  const count = Math.min(components, values.length);
  const axes = vectors.subMatrix(0, x.columns - 1, 0, Math.max(0, count - 1));
  const project = (rows: Matrix) => (count ? minusRow(rows, means).mmul(axes) : Matrix.zeros(rows.rows, 1));
  const z = project(x);
  const penalty = random ? choosePenalty(z, y, fitted, random) : 0;
  const fit = ridge(z, y)(penalty);
  return {
    components: count,
    penalty,
    apply: (rows: Matrix, targets: Matrix) => fit(project(rows), targets),
  };
}

function choosePenalty(z: Matrix, y: Matrix, fitted: number, random: () => number): number {
  const errors = PENALTIES.map(() => 0);
  const folds = foldsOf(
    Array.from({ length: z.rows }, (_, i) => i),
    random,
  );
  const counted = y.subMatrix(0, y.rows - 1, 0, fitted - 1);
  for (const { train, test } of folds) {
    if (train.length < 2) continue;
    const fit = ridge(pick(z, train), pick(counted, train));
    for (const [p, penalty] of PENALTIES.entries()) {
      const { target, predicted } = fit(penalty)(pick(z, test), pick(counted, test));
      errors[p]! += squaresOf(Matrix.sub(target, predicted), fitted);
    }
  }
  const smallest = Math.min(...errors);
  return PENALTIES[errors.findIndex((error) => error <= smallest * (1 + 1e-9))]!;
}

function ridge(z: Matrix, y: Matrix): (penalty: number) => (rows: Matrix, targets: Matrix) => Mapped {
  const [zMeans, yMeans] = [z.mean("column"), y.mean("column")];
  const centred = minusRow(z, zMeans).transpose();
  const gram = centred.mmul(centred.transpose());
  const cross = centred.mmul(minusRow(y, yMeans));
  const scale = gram.trace() / gram.rows;
  return (penalty) => {
    const weights =
      scale > 0 ? solve(Matrix.add(gram, Matrix.eye(gram.rows).mul(penalty * scale)), cross) : cross.mul(0);
    return (rows, targets) => ({
      target: minusRow(targets, yMeans),
      predicted: minusRow(rows, zMeans).mmul(weights),
    });
  };
}

/** Eigenvalues above rounding, largest first, and their vectors as columns. */
function decomposed(gram: Matrix): { values: number[]; vectors: Matrix } {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  const largest = Math.max(...realEigenvalues);
  const order = realEigenvalues
    .map((value, j) => ({ value, j }))
    .filter(({ value }) => value > CUT * largest && value > 0)
    .sort((a, b) => b.value - a.value);
  const vectors = new Matrix(gram.rows, Math.max(1, order.length));
  for (const [to, { j }] of order.entries()) vectors.setColumn(to, eigenvectorMatrix.getColumn(j));
  return { values: order.map(({ value }) => value), vectors };
}

function foldsOf(items: readonly number[], random: () => number): { train: number[]; test: number[] }[] {
  const order = shuffled(items, random);
  const count = Math.min(FOLDS, items.length);
  return Array.from({ length: count }, (_, part) => ({
    train: order.filter((_, i) => i % count !== part),
    test: order.filter((_, i) => i % count === part),
  }));
}

const pick = (matrix: Matrix, rows: readonly number[]): Matrix =>
  new Matrix(rows.map((row) => matrix.getRow(row)));

const minusRow = (matrix: Matrix, row: number[]): Matrix => matrix.clone().subRowVector(row);
