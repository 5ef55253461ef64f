/** Benjamini-Hochberg q-values of p-values, in their order; null stays null and does not count as a test. */
export function falseDiscoveryQ(pValues: readonly (number | null)[]): (number | null)[] {
  const tested = pValues.flatMap((p, i) => (p === null ? [] : [{ p, i }])).sort((a, b) => b.p - a.p);
  const out = new Array<number | null>(pValues.length).fill(null);
  let smallest = 1;
  for (const [k, { p, i }] of tested.entries()) {
    smallest = Math.min(smallest, (p * tested.length) / (tested.length - k));
    out[i] = smallest;
  }
  return out;
}
