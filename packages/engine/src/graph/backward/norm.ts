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
  const op = (type: string, ...input: Value[]) => graph.op(type, input);
  const mean = (value: Value) => graph.op("ReduceMean", [value, graph.ints([-1])], { keepdims: 1 });
  const weight = graph.weight(tensors(spec.weight));
  const attributes = { axis: -1, epsilon: { float: facts.norm.epsilon } };
  const scaled = op("Mul", dy, weight);
  let [normed, centred, inverse]: Value[] = [];
  if (facts.norm.kind === "rms") {
    [, inverse] = graph.ops("SimplifiedLayerNormalization", [x, weight], attributes, 2);
    normed = op("Mul", x, inverse!);
    centred = scaled;
  } else {
    const inputs = [x, weight, graph.weight(tensors(spec.bias!))];
    const [, own, sigma] = graph.ops("LayerNormalization", inputs, attributes, 3);
    inverse = sigma;
    normed = op("Mul", op("Sub", x, own!), inverse!);
    centred = op("Sub", scaled, mean(scaled));
  }
  const along = op("Mul", normed, mean(op("Mul", scaled, normed)));
  return op("Mul", op("Sub", centred, along), inverse!);
}
