import type { HeadWeight } from "../../results/report.ts";
import { weightEstimate } from "./fact-weights.ts";
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
    const [layer, head] = [Math.floor(column / heads), column % heads];
    return {
      layer,
      head,
      label: `L${layer}H${head}`,
      varianceInflation: inflation[i]!,
      identifiable: weights[i] !== null,
      ...weightEstimate(weights[i]!, standardErrors[i]!, facts),
    };
  });
