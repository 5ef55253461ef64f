const TILE = 4;

/**
 * Lower factor L of a symmetric matrix L L^T, row-major `[size, size]`, in its place, or null where a squared pivot is not above `cut`; what
 * stands above the diagonal is left as it is. Typed arrays and tiles of 4 x 4 sums, as the nested cross-validation factors thousands of
 * matrices of some hundred columns: one sum at a time waits for its additions and reads each number four times.
 */
export function choleskyFactor(matrix: Float64Array, size: number, cut: number): Float64Array | null {
  for (let first = 0; first < size; first += TILE) {
    const last = Math.min(first + TILE, size);
    // The columns of a tile, from its diagonal down; the tile on the diagonal has to be whole before those below.
    for (let row = first; row < last; row++) {
      for (let column = first; column <= row; column++) {
        const value = matrix[row * size + column]! - product(matrix, row * size, column * size, column);
        if (column < row) matrix[row * size + column] = value / matrix[column * size + column]!;
        else if (value > cut) matrix[row * size + row] = Math.sqrt(value);
        else return null;
      }
    }
    let row = last;
    if (last - first === TILE)
      for (; row + TILE <= size; row += TILE) {
        subtractTile(matrix, size, row, first);
        for (let r = row; r < row + TILE; r++) solveRow(matrix, size, r, first, last);
      }
    for (; row < size; row++) {
      for (let column = first; column < last; column++)
        matrix[row * size + column]! -= product(matrix, row * size, column * size, first);
      solveRow(matrix, size, row, first, last);
    }
  }
  return matrix;
}

/** Of a row of L the numbers in columns `[first, last)`, where what the columns before contribute is taken away already. */
function solveRow(matrix: Float64Array, size: number, row: number, first: number, last: number): void {
  for (let column = first; column < last; column++) {
    let value = matrix[row * size + column]!;
    for (let k = first; k < column; k++) value -= matrix[row * size + k]! * matrix[column * size + k]!;
    matrix[row * size + column] = value / matrix[column * size + column]!;
  }
}

/** Takes from the tile at (row, column) the products of its rows' and columns' numbers before `column`. */
function subtractTile(matrix: Float64Array, size: number, row: number, column: number): void {
  const [a0, b0] = [row * size, column * size];
  const [a1, a2, a3] = [a0 + size, a0 + 2 * size, a0 + 3 * size];
  const [b1, b2, b3] = [b0 + size, b0 + 2 * size, b0 + 3 * size];
  let [s00, s01, s02, s03] = [0, 0, 0, 0];
  let [s10, s11, s12, s13] = [0, 0, 0, 0];
  let [s20, s21, s22, s23] = [0, 0, 0, 0];
  let [s30, s31, s32, s33] = [0, 0, 0, 0];
  for (let k = 0; k < column; k++) {
    const x0 = matrix[a0 + k]!;
    const x1 = matrix[a1 + k]!;
    const x2 = matrix[a2 + k]!;
    const x3 = matrix[a3 + k]!;
    const y0 = matrix[b0 + k]!;
    const y1 = matrix[b1 + k]!;
    const y2 = matrix[b2 + k]!;
    const y3 = matrix[b3 + k]!;
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s03 += x0 * y3;
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s13 += x1 * y3;
    s20 += x2 * y0;
    s21 += x2 * y1;
    s22 += x2 * y2;
    s23 += x2 * y3;
    s30 += x3 * y0;
    s31 += x3 * y1;
    s32 += x3 * y2;
    s33 += x3 * y3;
  }
  matrix[a0 + column]! -= s00;
  matrix[a0 + column + 1]! -= s01;
  matrix[a0 + column + 2]! -= s02;
  matrix[a0 + column + 3]! -= s03;
  matrix[a1 + column]! -= s10;
  matrix[a1 + column + 1]! -= s11;
  matrix[a1 + column + 2]! -= s12;
  matrix[a1 + column + 3]! -= s13;
  matrix[a2 + column]! -= s20;
  matrix[a2 + column + 1]! -= s21;
  matrix[a2 + column + 2]! -= s22;
  matrix[a2 + column + 3]! -= s23;
  matrix[a3 + column]! -= s30;
  matrix[a3 + column + 1]! -= s31;
  matrix[a3 + column + 2]! -= s32;
  matrix[a3 + column + 3]! -= s33;
}

/** Product of the first `count` numbers from two places; four sums at a time, as one alone waits for each addition. */
function product(values: Float64Array, a: number, b: number, count: number, other = values): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    s0 += values[a + k]! * other[b + k]!;
    s1 += values[a + k + 1]! * other[b + k + 1]!;
    s2 += values[a + k + 2]! * other[b + k + 2]!;
    s3 += values[a + k + 3]! * other[b + k + 3]!;
  }
  for (; k < count; k++) s0 += values[a + k]! * other[b + k]!;
  return s0 + s1 + (s2 + s3);
}

/** Solves L L^T x = b for the leading part of L that fits b. */
export function substitute(lower: Float64Array, size: number, b: Float64Array): Float64Array {
  const x = Float64Array.from(b);
  const n = x.length;
  for (let i = 0; i < n; i++) x[i] = (x[i]! - product(lower, i * size, 0, i, x)) / lower[i * size + i]!;
  for (let i = n - 1; i >= 0; i--) {
    const value = x[i]! / lower[i * size + i]!;
    x[i] = value;
    for (let j = 0; j < i; j++) x[j]! -= lower[i * size + j]! * value;
  }
  return x;
}
