/** Writes the distribution of logits to `out`, in float64. @returns log sum exp */
export function softmax(logits: ArrayLike<number>, out: Float64Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let v = 0; v < logits.length; v++) if (logits[v]! > largest) largest = logits[v]!;
  let total = 0;
  for (let v = 0; v < logits.length; v++) {
    const weight = Math.exp(logits[v]! - largest);
    out[v] = weight;
    total += weight;
  }
  for (let v = 0; v < out.length; v++) out[v]! /= total;
  return largest + Math.log(total);
}
