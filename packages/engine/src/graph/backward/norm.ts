import type { ModelFacts, NormSpec } from "../../architectures/architecture.ts";
import type { GraphBuilder, Value } from "../graph-builder.ts";
import type { Tensors } from "../tensors.ts";

/**
 * Of a norm over the last axis, at its input x: d/dy -> d/dx, with the scale recomputed and following x. With u = g d/dy and the normed
 * x^ = (x - mean) / sigma: d/dx = (u - mean(u) - x^ mean(u x^)) / sigma; RMSNorm takes no means away.
 */
export function normBackward(
  graph: GraphBuilder,
  tensors: Tensors,
  facts: ModelFacts,
  spec: NormSpec,
  x: Value,
  dy: Value,
): Value {
  const mean = (value: Value) => graph.op("ReduceMean", [value, graph.ints([-1])], { keepdims: 1 });
  const centred = (value: Value) =>
    facts.norm.kind === "rms" ? value : graph.op("Sub", [value, mean(value)]);
  const difference = centred(x);
  const variance = mean(graph.op("Mul", [difference, difference]));
  const sigma = graph.op("Sqrt", [graph.op("Add", [variance, graph.scalar(facts.norm.epsilon)])]);
  const normed = graph.op("Div", [difference, sigma]);
  const scaled = graph.op("Mul", [dy, graph.weight(tensors(spec.weight))]);
  const along = graph.op("Mul", [normed, mean(graph.op("Mul", [scaled, normed]))]);
  return graph.op("Div", [graph.op("Sub", [centred(scaled), along]), sigma]);
}
