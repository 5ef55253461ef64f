import type { Evidence, JudgedEvidence } from "../results/comparison.ts";

/** What is too small to matter; other units have no such bound, so nothing of them is ever called absent. */
const DELTA: Partial<Record<Evidence["unit"], number>> = { effect: 0.02, nats: 0.05, accuracy: 0.05 };
const MAX_P = 0.05;

/** An interval inside plus and minus this is called absent; null: nothing of this unit ever is. */
export const absentWithin = (unit: Evidence["unit"]): number | null => DELTA[unit] ?? null;

/**
 * PRESENT: the interval excludes 0 in the expected direction and a permutation test has p < 0.05. ABSENT: the interval lies inside +-delta
 * (0.02 of an effect, 0.05 nats, 0.05 of accuracy). Else INCONCLUSIVE, as everything is with too few facts. PRESENT goes first; an effect that is
 * there but inside +-delta is said to be so.
 */
export function judge(evidence: Evidence, sufficient: boolean): JudgedEvidence {
  const { estimate, expected, pValue, pReason, unit } = evidence;
  const { value, low, high } = estimate;
  const is = (verdict: JudgedEvidence["verdict"], why: string): JudgedEvidence => ({
    ...evidence,
    verdict,
    why,
  });
  if (value === null) return is("INCONCLUSIVE", estimate.reason ?? "not observed");
  if (low === null || high === null) return is("INCONCLUSIVE", estimate.reason ?? "no interval");
  if (!sufficient) return is("INCONCLUSIVE", "fewer than 8 known facts: descriptive only");
  const delta = DELTA[unit];
  const inside = delta !== undefined && low > -delta && high < delta;
  const excludesZero =
    expected === "positive" ? low > 0 : expected === "negative" ? high < 0 : low > 0 || high < 0;
  if (excludesZero && pValue !== null && pValue < MAX_P) {
    return is(
      "PRESENT",
      inside
        ? `interval ${sideOf(low)} 0 and p < ${MAX_P}, but inside +-${delta}: too small to matter`
        : `interval ${sideOf(low)} 0 and p < ${MAX_P}`,
    );
  }
  if (inside) return is("ABSENT", `interval inside +-${delta}`);
  if (excludesZero && pValue === null)
    return is(
      "INCONCLUSIVE",
      `interval ${sideOf(low)} 0, but no permutation test (${pReason ?? "none was made"})`,
    );
  if (excludesZero) return is("INCONCLUSIVE", `interval ${sideOf(low)} 0, but p = ${pValue!.toPrecision(2)}`);
  if (low > 0 || high < 0)
    return is("INCONCLUSIVE", `interval ${sideOf(low)} 0: the other direction than expected`);
  return is(
    "INCONCLUSIVE",
    delta === undefined
      ? "interval contains 0, and this quantity has no bound below which it is absent"
      : `interval contains 0 and reaches beyond +-${delta}`,
  );
}

const sideOf = (low: number): string => (low > 0 ? "above" : "below");
