import { hypergeometricTail } from "../../math/hypergeometric.ts";
import { cosine } from "../../math/vectors.ts";
import type { InterceptReport } from "../../results/report.ts";
import type { Aggregation } from "../analysis.ts";
import { meanOverPrompts } from "../per-fact.ts";

const TOP = 20;

/**
 * What the task-aware intercept says through the unembedding: its largest and smallest centred logits under the frozen final norm (mean scale
 * of the run, no norm bias), how many of the task's candidates are among the top, and its mean gain for the known facts' answers, beside that of the
 * mean MLP output, which the intercept has to beat.
 */
export async function readIntercept(
  layer: number,
  regressors: "R1" | "R2",
  intercept: Float64Array,
  mean: Float64Array,
  scale: number,
  context: Aggregation,
): Promise<InterceptReport> {
  const { candidates, facts, measured, instruments, model } = context;
  const directions = await instruments.directions(candidates);
  const gains = (vector: Float64Array) =>
    candidates.map((_, c) => {
      let total = 0;
      for (let d = 0; d < model.width; d++) total += directions[c * model.width + d]! * vector[d]!;
      return total / scale;
    });
  const gainOf = (vector: Float64Array) => {
    const gain = gains(vector);
    // Clustered like everything else: one gain per measured fact, that of its own answer.
    return meanOverPrompts(
      measured.map(({ index }) => [gain[candidates.indexOf(facts[index]!.answerToken)]!]),
      context,
    );
  };
  const count = Math.min(TOP, model.vocabulary);
  const row = await instruments.frozenLogits(Float32Array.from(intercept), scale, count);
  const readout = (list: { token: number; value: number }[]) =>
    list.map(({ token, value }) => ({ token, text: "", value, candidate: candidates.includes(token) }));
  const top = readout(row.top);
  const candidatesInTop = top.filter(({ candidate }) => candidate).length;
  return {
    layer,
    regressors,
    top,
    bottom: readout(row.bottom),
    candidatesInTop,
    pValue: hypergeometricTail(candidatesInTop, count, candidates.length, model.vocabulary),
    typeGain: gainOf(intercept),
    typeGainOfMean: gainOf(mean),
    cosineWithMean: cosine(intercept, mean),
  };
}
