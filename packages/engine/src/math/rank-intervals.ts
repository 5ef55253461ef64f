import { quantile } from "./statistics.ts";

/** Ranks, 1 = largest; ties in order of appearance. */
export function descendingRanks(values: ArrayLike<number>): number[] {
  const order = Array.from({ length: values.length }, (_, i) => i).sort(
    (a, b) => values[b]! - values[a]! || a - b,
  );
  const ranks = new Array<number>(values.length);
  for (const [rank, i] of order.entries()) ranks[i] = rank + 1;
  return ranks;
}

/** 2.5-97.5 % of each item's rank over resamples; `replicates[item][sample]`. */
export function rankIntervals(replicates: readonly Float64Array[]): [number, number][] {
  const samples = replicates[0]?.length ?? 0;
  const ranks = replicates.map(() => new Float64Array(samples));
  const values = new Float64Array(replicates.length);
  for (let sample = 0; sample < samples; sample++) {
    for (let item = 0; item < values.length; item++) values[item] = replicates[item]![sample]!;
    for (const [item, rank] of descendingRanks(values).entries()) ranks[item]![sample] = rank;
  }
  return ranks.map((own) => [Math.round(quantile(own, 0.025)), Math.round(quantile(own, 0.975))]);
}
