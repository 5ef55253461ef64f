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
  return placesByLength(pairs.map(({ clean }) => clean.length)).map((own) =>
    own.sort((a, b) => parting(pairs[a]!) - parting(pairs[b]!)),
  );
}

/** Places of equal lengths together, in the order of their first ones. */
export function placesByLength(lengths: readonly number[]): number[][] {
  const groups = new Map<number, number[]>();
  for (const [i, length] of lengths.entries()) {
    const own = groups.get(length);
    if (own) own.push(i);
    else groups.set(length, [i]);
  }
  return [...groups.values()];
}
