import { readRows } from "../checkpoints/read-tensor.ts";
import { EngineError } from "../errors.ts";
import { metricGraph } from "../graph/backward/block-graphs.ts";
import type { ModelSession } from "../session/model-session.ts";

/** One term of a metric: weight x logit(token) at the last position. */
export interface MetricTerm {
  token: number;
  weight: number;
}

/** logit(answer) - logit(wrong). */
export const logitDifference = (answer: number, wrong: number): MetricTerm[] => [
  { token: answer, weight: 1 },
  { token: wrong, weight: -1 },
];

/** @throws EngineError BAD_INPUT naming the pass */
export function checkMetric(metric: readonly MetricTerm[], index: number, vocabulary: number): void {
  const bad = (message: string) => new EngineError("BAD_INPUT", message);
  if (metric.length === 0) throw bad(`metric of pass ${index}: no terms (at least one expected)`);
  for (const { token, weight } of metric) {
    if (!Number.isInteger(token) || token < 0 || token >= vocabulary)
      throw bad(`metric token of pass ${index}: ${token} (allowed: 0 to ${vocabulary - 1})`);
    if (!Number.isFinite(weight))
      throw bad(`metric weight of pass ${index}: ${weight} (a finite number expected)`);
  }
}

/**
 * Metrics of final residual rows `[prompt, d_model]`, and their gradients there. The terms' unembedding rows are summed before anything is
 * multiplied: the vocabulary is not touched.
 */
export async function differentiateMetrics(
  session: ModelSession,
  metrics: readonly (readonly MetricTerm[])[],
  resid: Float32Array,
): Promise<{ metrics: Float32Array; gradient: Float32Array }> {
  const { spec } = session;
  const { width } = spec.facts;
  const table = session.tensor(spec.unembedding.weight);
  const dims = [metrics.length, width];
  const direction = new Float32Array(resid.length);
  for (const [b, metric] of metrics.entries()) {
    const rows = await readRows(
      table,
      metric.map(({ token }) => token),
    );
    const total = new Float64Array(width);
    for (const [t, { weight }] of metric.entries())
      for (let d = 0; d < width; d++) total[d]! += weight * rows[t * width + d]!;
    direction.set(total, b * width);
  }
  const out = { metrics: new Float32Array(metrics.length), gradient: new Float32Array(resid.length) };
  await session.runGraph(
    "metric-backward",
    (graph, tensors) => metricGraph(graph, tensors, spec),
    { resid: { data: resid, dims }, direction: { data: direction, dims } },
    { metric: { data: out.metrics, dims: [metrics.length] }, d_resid: { data: out.gradient, dims } },
  );
  return out;
}
