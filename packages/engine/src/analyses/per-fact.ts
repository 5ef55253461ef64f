import type { Estimate } from "../results/estimate.ts";
import type { Aggregation } from "./analysis.ts";

/**
 * Mean over prompts with an interval clustered by fact. `values[fact]` are the numbers of that fact's prompts; NaN was not observed on that
 * prompt, and facts without numbers were not observed.
 */
export function meanOverPrompts(
  values: readonly (readonly number[])[],
  { bootstrap }: Pick<Aggregation, "bootstrap">,
  unavailable?: string,
): Estimate {
  const observed = values.map((own) => own.filter((value) => !Number.isNaN(value)));
  const sums = observed.map((own) => own.reduce((total, value) => total + value, 0));
  return bootstrap.ratio(
    sums,
    observed.map((own) => own.length),
    unavailable,
  );
}

/** The same for many series at once: `values[fact][prompt][series]`. */
export function meansOverPrompts(
  values: readonly (readonly ArrayLike<number>[])[],
  series: number,
  context: Pick<Aggregation, "bootstrap">,
  unavailable?: string,
): Estimate[] {
  return Array.from({ length: series }, (_, i) =>
    meanOverPrompts(
      values.map((own) => own.map((row) => row[i]!)),
      context,
      unavailable,
    ),
  );
}
