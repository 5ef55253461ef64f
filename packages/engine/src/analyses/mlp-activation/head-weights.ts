import { studentQuantile } from "../../math/statistics.ts";
import type { HeadWeight, WeightLabel } from "../../results/report.ts";
import { SUFFICIENT_FACTS } from "../analysis.ts";
import type { Fit } from "./fit.ts";

/**
 * Weights of a fit with 95 % intervals by Student's t; none below 8 facts.
 * @param columns layer-major place of each regressor's head
 */
export const headWeights = (
  columns: readonly number[],
  { weights, standardErrors, inflation }: Fit,
  facts: number,
  heads: number,
): HeadWeight[] =>
  columns.map((column, i) => {
    const weight = weights[i]!;
    const [layer, head] = [Math.floor(column / heads), column % heads];
    const error = facts < SUFFICIENT_FACTS ? null : standardErrors[i]!;
    const reach = error === null ? null : error * studentQuantile(facts - 1);
    const [low, high] = weight === null || reach === null ? [null, null] : [weight - reach, weight + reach];
    return {
      layer,
      head,
      label: `L${layer}H${head}`,
      weight,
      low,
      high,
      standardError: error,
      varianceInflation: inflation[i]!,
      identifiable: weight !== null,
      verdict: weight === null ? "not identifiable" : verdictOf(low, high),
    };
  });

/** By the interval of w: above 0 amplified; below 0 and 1 + w around 0 erased; within (-1, 0) damped; below -1 inverted. */
function verdictOf(low: number | null, high: number | null): WeightLabel {
  if (low === null || high === null) return "no evidence";
  if (low > 0) return "amplified";
  if (high >= 0) return "no evidence";
  if (high < -1) return "inverted";
  return low <= -1 ? "erased" : "damped";
}
