import { mean } from "./statistics.ts";

/** Variation below this share of the values' squares is rounding of float32. */
const CONSTANT = 1e-12;

/** Pearson correlation; null where there are fewer than 3 pairs or one side does not vary. */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  if (a.length !== b.length) throw new RangeError(`correlation: ${a.length} and ${b.length} values`);
  if (a.length < 3) return null;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb, squaresA, squaresB] = [0, 0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i]! - ma) * (b[i]! - mb);
    aa += (a[i]! - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
    squaresA += a[i]! ** 2;
    squaresB += b[i]! ** 2;
  }
  if (aa <= CONSTANT * squaresA || bb <= CONSTANT * squaresB) return null;
  return Math.max(-1, Math.min(1, ab / Math.sqrt(aa * bb)));
}

/** Ranks from 1, ascending; equal values share the mean of their ranks. */
export function averageRanks(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  for (let first = 0; first < order.length; ) {
    let end = first + 1;
    while (end < order.length && values[order[end]!] === values[order[first]!]) end++;
    for (let i = first; i < end; i++) ranks[order[i]!] = (first + end + 1) / 2;
    first = end;
  }
  return ranks;
}

/** Spearman's rank correlation, ties by mean ranks. */
export const spearman = (a: ArrayLike<number>, b: ArrayLike<number>): number | null =>
  pearson(averageRanks(a), averageRanks(b));
