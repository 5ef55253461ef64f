/** Standard normal numbers from uniform ones (Box and Muller 1958). */
export const normalFrom = (random: () => number) => () =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/**
 * A random vector with the covariance of the given rows `[n][d_model]` about their mean, scaled to a norm: sum of xi_n (row_n - mean). Zero
 * where the rows do not vary.
 */
export function randomLike(
  rows: readonly ArrayLike<number>[],
  mean: ArrayLike<number>,
  norm: number,
  random: () => number,
): Float64Array {
  const normal = normalFrom(random);
  const out = new Float64Array(mean.length);
  for (const row of rows) {
    const xi = normal();
    for (let d = 0; d < out.length; d++) out[d]! += xi * (row[d]! - mean[d]!);
  }
  const own = normOf(out);
  return own > 1e-9 * normOf(mean) && own > 0 ? out.map((value) => (value * norm) / own) : out.fill(0);
}

export const normOf = (vector: ArrayLike<number>): number => {
  let total = 0;
  for (let d = 0; d < vector.length; d++) total += vector[d]! ** 2;
  return Math.sqrt(total);
};

export function cosineOf(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  let product = 0;
  for (let d = 0; d < a.length; d++) product += a[d]! * b[d]!;
  const norms = normOf(a) * normOf(b);
  return norms > 0 ? product / norms : null;
}

export function meanOfRows(rows: readonly ArrayLike<number>[]): Float64Array {
  const out = new Float64Array(rows[0]!.length);
  for (const row of rows) for (let d = 0; d < out.length; d++) out[d]! += row[d]! / rows.length;
  return out;
}
