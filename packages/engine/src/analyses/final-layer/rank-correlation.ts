import { spearman } from "../../math/rank-correlation.ts";

/** Fewer common values say nothing about an order. */
const MIN_PAIRS = 3;

/** Spearman's rank correlation over the places where both have a number (NaN = none), ties by mean rank; null where it is not defined. */
export function commonSpearman(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): { value: number | null; n: number; reason?: string } {
  const places: number[] = [];
  for (let i = 0; i < a.length; i++) if (!Number.isNaN(a[i]) && !Number.isNaN(b[i])) places.push(i);
  const n = places.length;
  if (n < MIN_PAIRS) return { value: null, n, reason: `fewer than ${MIN_PAIRS} common values` };
  const value = spearman(
    Float64Array.from(places, (i) => a[i]!),
    Float64Array.from(places, (i) => b[i]!),
  );
  return value === null ? { value, n, reason: "one of them is constant" } : { value, n };
}
