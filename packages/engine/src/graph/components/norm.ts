import type { ModelFacts, NormSpec } from "../../architectures/architecture.ts";
import type { GraphBuilder, Value } from "../graph-builder.ts";
import type { Tensors } from "../tensors.ts";

/** LayerNorm g (x - mean) / sigma + b, or RMSNorm g x / rms, over the last axis, of `width` numbers; x itself where there is no norm. */
export function norm(
  graph: GraphBuilder,
  tensors: Tensors,
  facts: Pick<ModelFacts, "norm">,
  spec: NormSpec | null,
  x: Value,
  width: number,
): Value {
  if (!spec) return x;
  const attributes = { axis: -1, epsilon: { float: facts.norm.epsilon } };
  const gain = normGain(graph, tensors, spec, width);
  if (facts.norm.kind === "rms") return graph.op("SimplifiedLayerNormalization", [x, gain], attributes);
  const bias = spec.bias ? [graph.weight(tensors(spec.bias))] : [];
  return graph.op("LayerNormalization", [x, gain, ...bias], attributes);
}

/** g of a norm, `[width]`. */
export function normGain(graph: GraphBuilder, tensors: Tensors, spec: NormSpec, width: number): Value {
  if (!spec.weight) return graph.op("Expand", [graph.scalar(1), graph.ints([width])]);
  const weight = graph.weight(tensors(spec.weight));
  return spec.plusOne ? graph.op("Add", [weight, graph.scalar(1)]) : weight;
}
