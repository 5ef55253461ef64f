import type { FactBootstrap } from "../math/fact-bootstrap.ts";
import type { Estimate } from "../results/estimate.ts";
import type { PromptSum } from "../results/so-far.ts";
import type { Aggregation } from "./analysis.ts";

/** Of one fact's numbers; NaN was not observed on that prompt. */
export function sumOverPrompts(own: readonly number[]): PromptSum {
  const observed = own.filter((value) => !Number.isNaN(value));
  return { sum: observed.reduce((total, value) => total + value, 0), count: observed.length };
}

/** Mean over the prompts of all facts, from each fact's sum. */
export const meanOverFacts = (
  facts: readonly PromptSum[],
  bootstrap: FactBootstrap,
  unavailable?: string,
): Estimate =>
  bootstrap.ratio(
    facts.map(({ sum }) => sum),
    facts.map(({ count }) => count),
    unavailable,
  );

/**
 * Mean over prompts with an interval clustered by fact. `values[fact]` are the numbers of that fact's prompts; NaN was not observed on that
 * prompt, and facts without numbers were not observed.
 */
export function meanOverPrompts(
  values: readonly (readonly number[])[],
  { bootstrap }: Pick<Aggregation, "bootstrap">,
  unavailable?: string,
): Estimate {
  return meanOverFacts(values.map(sumOverPrompts), bootstrap, unavailable);
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
