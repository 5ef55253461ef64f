/** log of n choose k. */
function logChoose(n: number, k: number): number {
  let total = 0;
  for (let i = 1; i <= k; i++) total += Math.log((n - k + i) / i);
  return total;
}

/** P(at least `hits` of `drawn` items are marked) when `marked` of `total` are and the draw is without replacement. */
export function hypergeometricTail(hits: number, drawn: number, marked: number, total: number): number {
  let p = 0;
  for (let k = Math.max(hits, drawn - (total - marked)); k <= Math.min(drawn, marked); k++) {
    p += Math.exp(logChoose(marked, k) + logChoose(total - marked, drawn - k) - logChoose(total, drawn));
  }
  return Math.min(1, p);
}
