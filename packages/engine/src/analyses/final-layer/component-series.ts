import type { Estimate } from "../../results/estimate.ts";
import type { FinalLayerComponent } from "../../results/final-layer-components.ts";
import { SUFFICIENT_FACTS } from "../analysis.ts";
import type { FurtherContext } from "../further.ts";
import { meansOverPrompts } from "../per-fact.ts";

/** Correlation with log f from which a component pushes frequent tokens. */
const PUSHES = 0.3;
/** Attributions are sums of float32 products: what is written elsewhere leaves about this much, in logits. */
const ROUNDING = 1e-5;

/** One prompt's numbers of several components, `[component]`; NaN = not observed. */
export interface Series {
  answer: Float64Array;
  others: Float64Array;
  contrast: Float64Array;
  correlation: Float64Array;
  slope: Float64Array;
}

export const emptySeries = (count: number): Series => ({
  answer: new Float64Array(count),
  others: new Float64Array(count),
  contrast: new Float64Array(count),
  correlation: new Float64Array(count),
  slope: new Float64Array(count),
});

/** Attributions of one component to the answer, the mean of the other candidates (NaN where there is none), and their difference. */
export function setDla(
  series: Series,
  c: number,
  dla: ArrayLike<number>,
  answer: number,
  factor: number,
): void {
  let others = 0;
  for (let t = 0; t < dla.length; t++) if (t !== answer) others += dla[t]!;
  series.answer[c] = dla[answer]! * factor;
  series.others[c] = dla.length > 1 ? (others / (dla.length - 1)) * factor : Number.NaN;
  series.contrast[c] = series.answer[c]! - series.others[c]!;
}

/** Product of a vector with one row of a matrix. */
export function rowProduct(rows: Float32Array, row: number, vector: Float32Array): number {
  let total = 0;
  for (let d = 0; d < vector.length; d++) total += rows[row * vector.length + d]! * vector[d]!;
  return total;
}

export type ComponentNumbers = Omit<FinalLayerComponent, "label" | "kind" | "index">;

/** Means over prompts and the labels that follow from their intervals. `series[fact][prompt]`. */
export function seriesEstimates(
  series: readonly Series[][],
  count: number,
  context: FurtherContext,
  writes = "it writes nothing to the logits, or nothing estimates how frequent tokens are",
): ComponentNumbers[] {
  const over = (key: keyof Series, unavailable: string): Estimate[] =>
    meansOverPrompts(
      series.map((own) => own.map((s) => s[key])),
      count,
      context,
      unavailable,
    );
  const answer = over("answer", "no known fact");
  const others = over("others", "the task has one answer only");
  const contrast = over("contrast", "the task has one answer only");
  const correlation = over("correlation", writes);
  const slope = over("slope", "the lens before the layer says the same of all tokens");
  const sufficient = context.measured.length >= SUFFICIENT_FACTS;
  return answer.map((dlaAnswer, c) => ({
    dlaAnswer,
    dlaOthers: others[c]!,
    dlaContrast: contrast[c]!,
    frequencyCorrelation: correlation[c]!,
    copySlope: slope[c]!,
    answerSuppressor: sufficient && isNegative(dlaAnswer) && isNegative(contrast[c]!),
    frequencyPusher:
      sufficient &&
      (correlation[c]!.low ?? 0) > PUSHES &&
      dlaAnswer.high !== null &&
      dlaAnswer.high <= ROUNDING,
  }));
}

const isNegative = ({ high }: Estimate): boolean => high !== null && high < -ROUNDING;
