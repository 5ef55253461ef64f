import { EngineError } from "../errors.ts";
import { metricGraph } from "../graph/backward/block-graphs.ts";
import { int64, rowsOf } from "../session/arrays.ts";
import type { ModelSession } from "../session/model-session.ts";
import { openUnembedding } from "../session/unembedding-rows.ts";

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
  const { width, logitCap } = spec.facts;
  const unembedding = await openUnembedding(session);
  const dims = [metrics.length, width];
  const direction = new Float32Array(resid.length);
  const capped = new Float32Array(metrics.length);
  for (const [b, metric] of metrics.entries()) {
    const tokens = metric.map(({ token }) => token);
    const rows = await unembedding(tokens);
    const logits =
      logitCap === null ? null : await logitsOf(session, resid.subarray(b * width, (b + 1) * width), tokens);
    const total = new Float64Array(width);
    for (const [t, { weight }] of metric.entries()) {
      // d cap tanh(x / cap) / dx = 1 - (y / cap)^2
      const slope = logits ? 1 - (logits[t]! / logitCap!) ** 2 : 1;
      for (let d = 0; d < width; d++) total[d]! += weight * slope * rows[t * width + d]!;
      if (logits) capped[b]! += weight * logits[t]!;
    }
    direction.set(total, b * width);
  }
  const out = { metrics: new Float32Array(metrics.length), gradient: new Float32Array(resid.length) };
  await session.runGraph(
    "metric-backward",
    null,
    (graph, tensors) => metricGraph(graph, tensors, spec),
    { resid: { data: resid, dims }, direction: { data: direction, dims } },
    { metric: { data: out.metrics, dims: [metrics.length] }, d_resid: { data: out.gradient, dims } },
  );
  return logitCap === null ? out : { ...out, metrics: capped };
}

/** Logits of some tokens, of one final row. */
async function logitsOf(
  session: ModelSession,
  resid: Float32Array,
  tokens: readonly number[],
): Promise<Float32Array> {
  const logits = new Float32Array(tokens.length);
  await session.runModel(
    "query",
    { resid: rowsOf(resid, 0, 1, resid.length), tokens: int64(tokens, [1, tokens.length]) },
    { logits: { data: logits, dims: [1, tokens.length] } },
  );
  return logits;
}
