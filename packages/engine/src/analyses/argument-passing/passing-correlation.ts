import type { FactBootstrap } from "../../math/fact-bootstrap.ts";
import { quantile } from "../../math/statistics.ts";
import { type Estimate, notObserved } from "../../results/estimate.ts";

/** Below this variance (of the square of the mean, where that is above 1) a series is constant up to rounding. */
const MIN_VARIANCE = 1e-12;
/** Two points always lie on a line. */
const MIN_PROMPTS = 3;

/**
 * Pearson's r over prompts with a percentile interval clustered by fact; `x[fact][prompt]`, and the same shape of y.
 * @param names what x and y are, for reasons
 */
export function correlationOverPrompts(
  x: readonly (readonly number[])[],
  y: readonly (readonly number[])[],
  bootstrap: FactBootstrap,
  names: readonly [string, string],
): Estimate {
  const counts = x.map((own) => own.length);
  const prompts = sum(counts);
  const facts = counts.filter((n) => n > 0).length;
  if (prompts < MIN_PROMPTS) return notObserved(`fewer than ${MIN_PROMPTS} prompts`, facts);
  const [cx, cy] = [standardised(x, prompts), standardised(y, prompts)];
  for (const [values, name] of [
    [cx, names[0]],
    [cy, names[1]],
  ] as const) {
    if (values.variance < MIN_VARIANCE * Math.max(1, values.mean ** 2))
      return notObserved(`${name} does not vary over the prompts`, facts);
  }
  const moments = [
    perFact(cx.rows, (row) => sum(row)),
    perFact(cy.rows, (row) => sum(row)),
    perFact(cx.rows, (row) => sum(row.map((value) => value * value))),
    perFact(cy.rows, (row) => sum(row.map((value) => value * value))),
    cx.rows.map((row, fact) => sum(row.map((value, i) => value * cy.rows[fact]![i]!))),
  ];
  const value = pearson(moments.map((own) => sum(own) / prompts));
  if (facts < 2) return { value, low: null, high: null, n: facts, reason: "one fact gives no interval" };
  const replicates = moments.map((own) => bootstrap.replicates(own, counts));
  const draws = Array.from({ length: bootstrap.samples }, (_, sample) =>
    pearson(replicates.map((own) => own[sample]!)),
  ).filter((r) => Number.isFinite(r));
  if (draws.length === 0)
    return { value, low: null, high: null, n: facts, reason: "no resample of the facts varies" };
  return { value, low: quantile(draws, 0.025), high: quantile(draws, 0.975), n: facts };
}

/** From the means of x, y, x^2, y^2 and x y of standardised series; NaN where a resample does not vary. */
function pearson([x, y, xx, yy, xy]: readonly number[]): number {
  const [varianceX, varianceY] = [xx! - x! ** 2, yy! - y! ** 2];
  if (!(varianceX > MIN_VARIANCE && varianceY > MIN_VARIANCE)) return Number.NaN;
  // Rounding can take it a hair out of [-1, 1].
  return Math.max(-1, Math.min(1, (xy! - x! * y!) / Math.sqrt(varianceX * varianceY)));
}

/** The series around its mean, in standard deviations. */
function standardised(values: readonly (readonly number[])[], prompts: number) {
  const mean = sum(values.map((own) => sum(own))) / prompts;
  const variance = sum(perFact(values, (row) => sum(row.map((value) => (value - mean) ** 2)))) / prompts;
  return {
    mean,
    variance,
    rows: values.map((own) => own.map((value) => (value - mean) / Math.sqrt(variance))),
  };
}

const perFact = (rows: readonly (readonly number[])[], of: (row: readonly number[]) => number) =>
  rows.map(of);

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
