import { normalFrom } from "../../math/random.ts";
import { norm as lengthOf } from "../../math/vectors.ts";

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
  const own = lengthOf(out);
  return own > 1e-9 * lengthOf(mean) && own > 0 ? out.map((value) => (value * norm) / own) : out.fill(0);
}
