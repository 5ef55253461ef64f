/**
 * Lower factor L of a symmetric matrix L L^T, row-major `[size, size]`, or null where a squared pivot is not above `cut`. Typed arrays, as
 * the nested cross-validation factors thousands of matrices of some hundred columns.
 */
export function choleskyFactor(matrix: Float64Array, size: number, cut: number): Float64Array | null {
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let j = 0; j <= i; j++) {
      const other = j * size;
      const value = matrix[row + j]! - rowProduct(lower, row, other, j);
      if (j < i) lower[row + j] = value / lower[other + j]!;
      else if (value > cut) lower[row + i] = Math.sqrt(value);
      else return null;
    }
  }
  return lower;
}

/** Product of the first `count` numbers from two places; four sums at a time, as one alone waits for each addition. */
function rowProduct(values: Float64Array, a: number, b: number, count: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    s0 += values[a + k]! * values[b + k]!;
    s1 += values[a + k + 1]! * values[b + k + 1]!;
    s2 += values[a + k + 2]! * values[b + k + 2]!;
    s3 += values[a + k + 3]! * values[b + k + 3]!;
  }
  for (; k < count; k++) s0 += values[a + k]! * values[b + k]!;
  return s0 + s1 + (s2 + s3);
}

/** Solves L L^T x = b for the leading part of L that fits b. */
export function substitute(lower: Float64Array, size: number, b: Float64Array): Float64Array {
  const x = Float64Array.from(b);
  const n = x.length;
  for (let i = 0; i < n; i++) {
    let value = x[i]!;
    for (let j = 0; j < i; j++) value -= lower[i * size + j]! * x[j]!;
    x[i] = value / lower[i * size + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    const value = x[i]! / lower[i * size + i]!;
    x[i] = value;
    for (let j = 0; j < i; j++) x[j]! -= lower[i * size + j]! * value;
  }
  return x;
}
