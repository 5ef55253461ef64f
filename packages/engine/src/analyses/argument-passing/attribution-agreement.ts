import { spearman } from "../../math/rank-correlation.ts";
import { studentQuantile, sum } from "../../math/statistics.ts";
import {
  type AttributionMethodAudit,
  AUDITED_SETS,
  type AuditedSet,
  type HeadCount,
} from "../../results/attribution-audit.ts";
import { type Estimate, notObserved } from "../../results/estimate.ts";
import { type AuditedHeads, largestPlaces } from "./attribution-audit-heads.ts";

/** Sums per fact, `[fact]`, of effects in logits; `total` of clean - corrupted. Heads by place in layer-major order. */
export interface EffectSums {
  estimated: readonly Float64Array[];
  /** Of the measured heads. */
  exact: ReadonlyMap<number, Float64Array>;
  total: Float64Array;
}

/** Rank agreement, sign errors and false negatives of estimated against exact effects; `label` names a head. */
export function compareWithExact(
  { estimated, exact, total }: EffectSums,
  { top, sets }: AuditedHeads,
  minEffect: number,
  label: (head: number) => string,
): Pick<AttributionMethodAudit, "agreement" | "signErrors" | "falseNegatives"> {
  const share = (effect: Float64Array) => sum(effect) / sum(total);
  const values = estimated.map(share);
  const measured = new Map([...exact].map(([head, effect]) => [head, share(effect)]));
  const matters = (head: number) => Math.abs(measured.get(head)!) >= minEffect;
  const observed = [...total.keys()].filter((fact) => total[fact] !== 0);
  const agreement = (set: AuditedSet) => {
    const heads = sets[set];
    const at = (pick: (head: number) => number) => Float64Array.from(heads, pick);
    const without = (effect: Float64Array, fact: number) => sum(effect) - effect[fact]!;
    return {
      set,
      heads: heads.length,
      spearman: withInterval(
        spearman(
          at((head) => values[head]!),
          at((head) => measured.get(head)!),
        ),
        // A share's denominator is the same for all heads and changes no rank.
        observed.map((fact) =>
          spearman(
            at((head) => without(estimated[head]!, fact)),
            at((head) => without(exact.get(head)!, fact)),
          ),
        ),
        heads.length,
      ),
    };
  };
  const found = new Set(largestPlaces(values, top));
  const passedOver = sets.OUTSIDE_TOP.filter((head) => !found.has(head));
  return {
    agreement: AUDITED_SETS.map(agreement),
    signErrors: countHeads(
      sets.MEASURED.filter(matters),
      (head) => values[head]! * measured.get(head)! < 0,
      label,
      `no measured head has an effect of ${minEffect}`,
    ),
    falseNegatives: countHeads(passedOver, matters, label, "no head outside the top was measured"),
  };
}

/** Beyond this Fisher's z is rounding. */
const MAX_CORRELATION = 1 - 1e-9;

/**
 * Interval by the jackknife over facts, in Fisher's z. Resampling facts would not do: its noise takes from the agreement of ranks, so that
 * most of its intervals lie below the value itself.
 */
function withInterval(value: number | null, without: readonly (number | null)[], heads: number): Estimate {
  const n = without.length;
  if (value === null)
    return notObserved(heads < 3 ? `${heads} heads have no rank correlation` : "all effects are equal", n);
  if (n < 2) return { value, low: null, high: null, n, reason: "one fact gives no interval" };
  const z = (r: number) => Math.atanh(Math.max(-MAX_CORRELATION, Math.min(MAX_CORRELATION, r)));
  const defined = without.filter((own) => own !== null).map(z);
  if (defined.length < n)
    return { value, low: null, high: null, n, reason: "not defined without one of the facts" };
  const centre = sum(defined) / n;
  const error = Math.sqrt(((n - 1) / n) * defined.reduce((total, own) => total + (own - centre) ** 2, 0));
  const reach = error * studentQuantile(n - 1);
  const [low, high] = [z(value) - reach, z(value) + reach].map(Math.tanh) as [number, number];
  return { value, low: Math.min(low, value), high: Math.max(high, value), n };
}

function countHeads(
  among: readonly number[],
  test: (head: number) => boolean,
  label: (head: number) => string,
  nothing: string,
): HeadCount {
  if (among.length === 0) return { count: null, of: 0, heads: [], reason: nothing };
  const heads = among.filter(test);
  return { count: heads.length, of: among.length, heads: heads.map(label) };
}
