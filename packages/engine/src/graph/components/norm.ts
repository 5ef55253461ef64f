import type { ModelFacts, NormSpec } from "../../architectures/architecture.ts";
import type { GraphBuilder, Value } from "../graph-builder.ts";
import type { Tensors } from "../tensors.ts";

/** LayerNorm g (x - mean) / sigma + b, or RMSNorm g x / rms, over the last axis. */
export function norm(
  graph: GraphBuilder,
  tensors: Tensors,
  facts: ModelFacts,
  spec: NormSpec,
  x: Value,
): Value {
  const attributes = { axis: -1, epsilon: { float: facts.norm.epsilon } };
  const weight = graph.weight(tensors(spec.weight));
  if (facts.norm.kind === "rms") return graph.op("SimplifiedLayerNormalization", [x, weight], attributes);
  return graph.op("LayerNormalization", [x, weight, graph.weight(tensors(spec.bias!))], attributes);
}
