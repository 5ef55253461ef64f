import type { Estimate } from "@/graphql/fragments.ts";

interface RankedHead {
  label: string;
  effect: Estimate;
}

export interface HeadOverlap {
  /** Size of the sets: 2 % of all heads, at least 5. */
  k: number;
  jaccard: number;
  /** Jaccard index that random sets of size k reach: q / (2k - q) with q = k^2 / heads. */
  chance: number;
  /** Over the heads observed in both runs; null when there are fewer than three or one of them is constant. */
  spearman: number | null;
}

/** How much two runs of one model agree on which heads matter. */
export function headOverlap(one: readonly RankedHead[], other: readonly RankedHead[]): HeadOverlap {
  const k = Math.min(one.length, Math.max(5, Math.round(one.length * 0.02)));
  const top = topHeads(one, k);
  const shared = [...topHeads(other, k)].filter((label) => top.has(label)).length;
  const expected = (k * k) / one.length;
  const theirs = new Map(other.map((head) => [head.label, head.effect.value]));
  const pairs = one.flatMap(({ label, effect }) => {
    const value = theirs.get(label);
    return effect.value === null || value === null || value === undefined
      ? []
      : [[effect.value, value] as const];
  });
  return {
    k,
    jaccard: shared / (2 * k - shared),
    chance: expected / (2 * k - expected),
    spearman: correlation(ranks(pairs.map(([left]) => left)), ranks(pairs.map(([, right]) => right))),
  };
}

const topHeads = (heads: readonly RankedHead[], k: number): Set<string> =>
  new Set(
    [...heads]
      .sort((left, right) => (right.effect.value ?? -Infinity) - (left.effect.value ?? -Infinity))
      .slice(0, k)
      .map(({ label }) => label),
  );

/** Ranks from 1; ties share their mean rank. */
function ranks(values: readonly number[]): number[] {
  const order = values
    .map((_, index) => index)
    .sort((left, right) => (values[left] ?? 0) - (values[right] ?? 0));
  const result = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end + 1 < order.length && values[order[end + 1] as number] === values[order[start] as number])
      end++;
    for (let at = start; at <= end; at++) result[order[at] as number] = (start + end) / 2 + 1;
    start = end + 1;
  }
  return result;
}

function correlation(left: readonly number[], right: readonly number[]): number | null {
  if (left.length < 3) return null;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [centreLeft, centreRight] = [mean(left), mean(right)];
  let product = 0;
  let squaresLeft = 0;
  let squaresRight = 0;
  left.forEach((value, index) => {
    const a = value - centreLeft;
    const b = (right[index] ?? 0) - centreRight;
    product += a * b;
    squaresLeft += a * a;
    squaresRight += b * b;
  });
  return squaresLeft === 0 || squaresRight === 0 ? null : product / Math.sqrt(squaresLeft * squaresRight);
}
