import { mean, standardDeviation, studentQuantile } from "../../math/statistics.ts";
import { type Estimate, notObserved } from "../../results/estimate.ts";
import type { WeightLabel } from "../../results/report.ts";
import { SUFFICIENT_FACTS } from "../analysis.ts";

export interface WeightEstimate {
  weight: number | null;
  low: number | null;
  high: number | null;
  standardError: number | null;
  verdict: WeightLabel;
}

/** A weight and its error with a 95 % interval by Student's t; none below 8 facts. */
export function weightEstimate(weight: number | null, error: number | null, facts: number): WeightEstimate {
  const standardError = facts < SUFFICIENT_FACTS ? null : error;
  const reach = standardError === null ? null : standardError * studentQuantile(facts - 1);
  const [low, high] = weight === null || reach === null ? [null, null] : [weight - reach, weight + reach];
  return {
    weight,
    low,
    high,
    standardError,
    verdict: weight === null ? "not identifiable" : verdictOf(low, high),
  };
}

/** By the interval of w: above 0 amplified; below 0 and 1 + w around 0 erased; within (-1, 0) damped; below -1 inverted. */
function verdictOf(low: number | null, high: number | null): WeightLabel {
  if (low === null || high === null) return "no evidence";
  if (low > 0) return "amplified";
  if (high >= 0) return "no evidence";
  if (high < -1) return "inverted";
  return low <= -1 ? "erased" : "damped";
}

/** Mean of one weight per fact; NaN where a fact does not tell it. */
export function meanWeight(perFact: readonly number[]): WeightEstimate {
  const seen = perFact.filter((weight) => !Number.isNaN(weight));
  if (seen.length === 0) return weightEstimate(null, null, 0);
  const sd = standardDeviation(seen);
  return weightEstimate(mean(seen), sd === null ? null : sd / Math.sqrt(seen.length), seen.length);
}

/** A number with the interval of its values without each fact in turn. */
export function jackknifeEstimate(value: number, without: readonly number[]): Estimate {
  const facts = without.length;
  if (!Number.isFinite(value)) return notObserved("not defined for these facts", facts);
  if (facts < SUFFICIENT_FACTS)
    return {
      value,
      low: null,
      high: null,
      n: Math.max(1, facts),
      reason: `fewer than ${SUFFICIENT_FACTS} facts give no interval`,
    };
  const changes = without.reduce((sum, other) => sum + (other - value) ** 2, 0);
  const reach = studentQuantile(facts - 1) * Math.sqrt(((facts - 1) / facts) * changes);
  return { value, low: value - reach, high: value + reach, n: facts };
}
