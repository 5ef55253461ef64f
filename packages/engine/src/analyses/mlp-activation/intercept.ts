import { hypergeometricTail } from "../../math/hypergeometric.ts";
import { cosine } from "../../math/vectors.ts";
import type { InterceptReport } from "../../results/report.ts";
import type { Aggregation } from "../analysis.ts";
import { meanOverPrompts } from "../per-fact.ts";

const TOP = 20;

/** The intercept of one layer's fit and the mean MLP output it has to beat, `[d_model]` each. */
export interface Intercept {
  layer: number;
  regressors: "R1" | "R2";
  intercept: Float64Array;
  mean: Float64Array;
}

/**
 * What task-aware intercepts say through the unembedding: their largest and smallest centred logits under the frozen final norm (mean scale
 * of the run, no norm bias), how many of the task's candidates are among the top, and their mean gain for the known facts' answers, beside that of
 * the mean MLP output, which the intercept has to beat.
 */
export async function readIntercepts(
  intercepts: readonly Intercept[],
  scale: number,
  context: Aggregation,
): Promise<InterceptReport[]> {
  const { candidates, facts, measured, instruments, model } = context;
  const { width, vocabulary } = model;
  const directions = await instruments.directions(candidates);
  const gains = (vector: Float64Array) =>
    candidates.map((_, c) => {
      let total = 0;
      for (let d = 0; d < width; d++) total += directions[c * width + d]! * vector[d]!;
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
  const count = Math.min(TOP, vocabulary);
  const vectors = new Float32Array(intercepts.length * width);
  for (const [i, { intercept }] of intercepts.entries()) vectors.set(intercept, i * width);
  const rows = await instruments.frozenLogits(vectors, scale, count);
  const readout = (list: { token: number; value: number }[]) =>
    list.map(({ token, value }) => ({ token, text: "", value, candidate: candidates.includes(token) }));
  return intercepts.map(({ layer, regressors, intercept, mean }, i) => {
    const top = readout(rows[i]!.top);
    const candidatesInTop = top.filter(({ candidate }) => candidate).length;
    return {
      layer,
      regressors,
      top,
      bottom: readout(rows[i]!.bottom),
      candidatesInTop,
      pValue: hypergeometricTail(candidatesInTop, count, candidates.length, vocabulary),
      typeGain: gainOf(intercept),
      typeGainOfMean: gainOf(mean),
      cosineWithMean: cosine(intercept, mean),
    };
  });
}
