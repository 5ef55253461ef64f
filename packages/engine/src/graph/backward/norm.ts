import type { ModelFacts, NormSpec } from "../../architectures/architecture.ts";
import { normGain } from "../components/norm.ts";
import type { GraphBuilder, Value } from "../graph-builder.ts";
import type { Tensors } from "../tensors.ts";

/**
 * Of a norm over the last axis, at its input x: d/dy -> d/dx, with the scale recomputed and following x. With u = g d/dy and the normed
 * x^ = (x - mean) / sigma: d/dx = (u - mean(u) - x^ mean(u x^)) / sigma; RMSNorm takes no means away. Where there is no norm, d/dx = d/dy.
 */
export function normBackward(
  graph: GraphBuilder,
  tensors: Tensors,
  facts: Pick<ModelFacts, "norm">,
  spec: NormSpec | null,
  x: Value,
  dy: Value,
  width: number,
): Value {
  if (!spec) return dy;
  const op = (type: string, ...input: Value[]) => graph.op(type, input);
  const mean = (value: Value) => graph.op("ReduceMean", [value, graph.ints([-1])], { keepdims: 1 });
  const gain = normGain(graph, tensors, spec, width);
  const attributes = { axis: -1, epsilon: { float: facts.norm.epsilon } };
  const scaled = op("Mul", dy, gain);
  let [normed, centred, inverse]: Value[] = [];
  if (facts.norm.kind === "rms") {
    inverse = graph.traits.rmsScale
      ? graph.ops("SimplifiedLayerNormalization", [x, gain], attributes, 2)[1]
      : op("Reciprocal", op("Sqrt", op("Add", mean(op("Mul", x, x)), graph.scalar(facts.norm.epsilon))));
    normed = op("Mul", x, inverse!);
    centred = scaled;
  } else {
    const [, own, sigma] = graph.ops("LayerNormalization", [x, gain], attributes, 3);
    inverse = sigma;
    normed = op("Mul", op("Sub", x, own!), inverse!);
    centred = op("Sub", scaled, mean(scaled));
  }
  const along = op("Mul", normed, mean(op("Mul", scaled, normed)));
  return op("Mul", op("Sub", centred, along), inverse!);
}
