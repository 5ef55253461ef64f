import { seededRandom } from "./random.ts";
import { quantile } from "./statistics.ts";

/** Webb's six-point weights: mean 0, variance 1, more distinct draws than signs when clusters are few. */
const WEBB = [-Math.sqrt(1.5), -1, -Math.sqrt(0.5), Math.sqrt(0.5), 1, Math.sqrt(1.5)] as const;

/**
 * 95 % quantile of |t| for one coefficient with few clusters, by the wild bootstrap of cluster scores (Kline & Santos 2012; weights of Webb
 * 2023): each cluster's influence on the coefficient is multiplied by a random weight and the sum divided by its own standard error.
 * @param influences one number per cluster: (G^-1 s_g)_k
 * @returns null where the influences are all 0
 */
export function wildQuantile(influences: ArrayLike<number>, seed: number | string, draws = 999): number | null {
  const clusters = influences.length;
  const random = seededRandom(`wild ${seed}`);
  const weighted = new Float64Array(clusters);
  const statistics: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    let total = 0;
    for (let g = 0; g < clusters; g++) {
      weighted[g] = WEBB[Math.floor(random() * WEBB.length)]! * influences[g]!;
      total += weighted[g]!;
    }
    let squares = 0;
    for (let g = 0; g < clusters; g++) squares += (weighted[g]! - total / clusters) ** 2;
    if (squares > 0) statistics.push(Math.abs(total) / Math.sqrt((clusters / (clusters - 1)) * squares));
  }
  return statistics.length ? quantile(statistics, 0.95) : null;
}
