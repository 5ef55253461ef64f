import { nestedSolver } from "../../math/least-squares.ts";

/**
 * Sums over prompts about a common reference, from which any group of facts is fitted without the activations: `products` `[column, column]`
 * contracted over d_model, `sums` `[column, d_model]`. Columns: K regressors, then the MLP's output. `reads`, when kept, are the sums read on
 * directions, `[column, direction]`.
 */
export interface FactSums {
  prompts: number;
  products: Float64Array;
  sums: Float64Array;
  reads: Float64Array;
}

export interface Reference {
  width: number;
  /** `[column, d_model]` */
  columns: Float64Array;
  /** `[column, direction]` */
  reads: Float64Array;
}

export const emptySums = (columns: number, width: number, directions: number): FactSums => ({
  prompts: 0,
  products: new Float64Array(columns * columns),
  sums: new Float64Array(columns * width),
  reads: new Float64Array(columns * directions),
});

/** Adds one prompt's columns `[column * d_model]`. */
export function addPrompt(
  sums: FactSums,
  columns: ArrayLike<number>,
  { columns: reference, width }: Reference,
): void {
  const count = reference.length / width;
  const deviation = Float64Array.from(reference, (value, i) => columns[i]! - value);
  for (let i = 0; i < deviation.length; i++) sums.sums[i]! += deviation[i]!;
  for (let a = 0; a < count; a++) {
    for (let b = 0; b <= a; b++) {
      let product = 0;
      for (let d = 0; d < width; d++) product += deviation[a * width + d]! * deviation[b * width + d]!;
      sums.products[a * count + b]! += product;
      if (a !== b) sums.products[b * count + a]! += product;
    }
  }
  sums.prompts++;
}

/** Reads vectors `[column, d_model]` on directions `[direction, d_model]`. */
export function readColumns(
  columns: Float64Array,
  directions: ArrayLike<number>,
  width: number,
): Float64Array {
  const [rows, count] = [columns.length / width, directions.length / width];
  const out = new Float64Array(rows * count);
  for (let a = 0; a < rows; a++) {
    for (let b = 0; b < count; b++) {
      let product = 0;
      for (let d = 0; d < width; d++) product += columns[a * width + d]! * directions[b * width + d]!;
      out[a * count + b] = product;
    }
  }
  return out;
}

export function addSums(into: FactSums, other: FactSums, sign: 1 | -1 = 1): void {
  into.prompts += sign * other.prompts;
  addTimes(into.products, other.products, sign);
  addTimes(into.sums, other.sums, sign);
  addTimes(into.reads, other.reads, sign);
}

function addTimes(into: Float64Array, other: Float64Array, factor: number): void {
  for (let i = 0; i < into.length; i++) into[i]! += factor * other[i]!;
}

export function total(parts: readonly FactSums[]): FactSums {
  const first = parts[0]!;
  const out: FactSums = {
    prompts: 0,
    products: new Float64Array(first.products.length),
    sums: new Float64Array(first.sums.length),
    reads: new Float64Array(first.reads.length),
  };
  for (const part of parts) addSums(out, part);
  return out;
}

/** Share of a column's sum of squares below which its deviations are the rounding of float32. */
const ROUNDING = 1e-12;

/** Sums of products of deviations from the group's own mean; zero for columns that vary by rounding only. */
export function gramOf({ prompts, products, sums }: FactSums, { columns: reference, width }: Reference) {
  const count = reference.length / width;
  const values = new Float64Array(count * count);
  const constant: boolean[] = [];
  for (let a = 0; a < count; a++) {
    for (let b = 0; b <= a; b++) {
      let product = 0;
      for (let d = 0; d < width; d++) product += sums[a * width + d]! * sums[b * width + d]!;
      const value = products[a * count + b]! - product / prompts;
      values[a * count + b] = values[b * count + a] = value;
    }
    let square = 0;
    for (let d = 0; d < width; d++)
      square += (reference[a * width + d]! + sums[a * width + d]! / prompts) ** 2;
    constant.push(values[a * count + a]! <= ROUNDING * prompts * square);
  }
  for (let a = 0; a < count; a++)
    for (let b = 0; b < count; b++) if (constant[a] || constant[b]) values[a * count + b] = 0;
  return { columns: count, values };
}

/** R1 weights of a Gram matrix whose last column is the MLP's output; 0 for regressors that do not vary. */
export function weightsOf(
  gram: { columns: number; values: Float64Array },
  lambda: number | null,
): Float64Array {
  const regressors = Array.from({ length: gram.columns - 1 }, (_, k) => k);
  return nestedSolver(gram, regressors)(regressors.length, gram.columns - 1, lambda);
}

/** mean m - sum_k w_k mean x_k, of vectors `sums` / `reads` and their reference. */
export function interceptFrom(
  weights: ArrayLike<number>,
  prompts: number,
  sums: Float64Array,
  reference: Float64Array,
): Float64Array {
  const size = sums.length / (weights.length + 1);
  const out = new Float64Array(size);
  for (let column = 0; column <= weights.length; column++) {
    const factor = column === weights.length ? 1 : -weights[column]!;
    if (factor === 0) continue;
    const at = column * size;
    for (let i = 0; i < size; i++) out[i]! += factor * (reference[at + i]! + sums[at + i]! / prompts);
  }
  return out;
}
