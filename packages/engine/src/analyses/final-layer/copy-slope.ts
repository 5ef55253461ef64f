/**
 * Copy suppression as a direction: how strongly a vector x written to the residual stream follows what is already predicted. The least-squares
 * slope (with intercept) of <direction_v, x> on the lens's logits over tokens v is linear in x: it is the product of x with this vector
 * `[d_model]`. Null where the lens says the same of all tokens.
 * @param lens logits of the tokens, `[token]`
 * @param directions of the frozen-norm readout, `[token, d_model]`
 */
export function slopeDirection(
  lens: ArrayLike<number>,
  directions: Float32Array,
  width: number,
): Float32Array | null {
  const n = lens.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += lens[i]! / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (lens[i]! - mean) ** 2;
  if (!(squares > FLAT * n)) return null;
  const out = new Float64Array(width);
  for (let i = 0; i < n; i++) {
    const weight = (lens[i]! - mean) / squares;
    for (let d = 0; d < width; d++) out[d]! += weight * directions[i * width + d]!;
  }
  return Float32Array.from(out);
}

/** Variance of lens logits that is rounding. */
const FLAT = 1e-10;
