interface Pair {
  clean: readonly number[];
  corrupted: readonly number[];
}

/** First position at which the prompts of a pair differ; the last one where they never do. */
export function parting({ clean, corrupted }: Pair): number {
  const first = clean.findIndex((token, position) => token !== corrupted[position]);
  return first < 0 ? clean.length - 1 : first;
}

/** First position at which any of some pairs part. */
export const earliest = (pairs: readonly Pair[], places: readonly number[]): number =>
  Math.min(...places.map((i) => parting(pairs[i]!)));

/** Places of pairs of equal length, those that part early first: neighbours then have about as many rows to go back through. */
export function ofEqualLength(pairs: readonly Pair[]): number[][] {
  const groups = new Map<number, number[]>();
  for (const [i, { clean }] of pairs.entries()) {
    const own = groups.get(clean.length);
    if (own) own.push(i);
    else groups.set(clean.length, [i]);
  }
  return [...groups.values()].map((own) => own.sort((a, b) => parting(pairs[a]!) - parting(pairs[b]!)));
}
