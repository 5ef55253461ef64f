/** v^T F v for symmetric F; rounding can make it a hair negative. */
export function quadraticForm(form: Float32Array, v: Float32Array): number {
  let total = 0;
  for (let i = 0; i < v.length; i++) {
    let row = form[i * v.length + i]! * v[i]!;
    for (let j = 0; j < i; j++) row += 2 * form[i * v.length + j]! * v[j]!;
    total += row * v[i]!;
  }
  return Math.max(0, total);
}
