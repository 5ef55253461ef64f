import type { Spectrum } from "./least-squares.ts";

/** Below this share of the largest eigenvalue a direction of the standardised regressors is not told from the others. */
const SHARE = 1e-6;
const LOADING = 1e-4;

/**
 * Regressors that take part in the same (nearly) empty directions of their standardised Gram matrix, as places in `regressors`, in
 * order: within a group only combinations are identified.
 */
export function collinearGroups({ values, vectors, kept }: Spectrum): number[][] {
  const largest = Math.max(0, ...values);
  const empty = values.flatMap((value, j) => (value <= SHARE * largest ? [j] : []));
  const groups: number[][] = [];
  const group = new Map<number, number[]>();
  for (const [i, place] of kept.entries()) {
    const loads = (other: number) =>
      Math.abs(empty.reduce((sum, j) => sum + vectors.get(i, j) * vectors.get(other, j), 0)) > LOADING;
    if (!loads(i)) continue;
    const joined = new Set(
      kept.slice(0, i).flatMap((earlier, e) => (group.has(earlier) && loads(e) ? [group.get(earlier)!] : [])),
    );
    const own = [...joined].flat().concat(place);
    for (const old of joined) groups.splice(groups.indexOf(old), 1);
    groups.push(own);
    for (const member of own) group.set(member, own);
  }
  return groups.map((own) => own.sort((a, b) => a - b)).sort((a, b) => a[0]! - b[0]!);
}

/**
 * What a collinear group adds in units of its first regressor: sum of w_k beta_k with x_k = beta_k x_first; null where the members are not
 * all multiples of it.
 */
export function groupTotal(
  { gram, regressors }: Spectrum,
  group: readonly number[],
  weights: readonly (number | null)[],
): number | null {
  const at = (a: number, b: number) => gram.values[regressors[a]! * gram.columns + regressors[b]!]!;
  const first = group[0]!;
  let total = 0;
  for (const k of group) {
    const [own, cross, reference] = [at(k, k), at(first, k), at(first, first)];
    if (cross * cross < (1 - 1e-4) * own * reference) return null;
    total += (weights[k] ?? 0) * (cross / reference);
  }
  return total;
}
