import type { LinearSpec } from "../../architectures/architecture.ts";
import type { GraphBuilder, Value } from "../graph-builder.ts";
import type { Tensors } from "../tensors.ts";

/** y = x W + b over rows: `[n, in]` -> `[n, out]`. */
export function linear(graph: GraphBuilder, tensors: Tensors, spec: LinearSpec, x: Value): Value {
  const weight = graph.weight(tensors(spec.weight));
  const transB = spec.layout === "out_in" ? 1 : 0;
  return graph.op("Gemm", spec.bias ? [x, weight, graph.weight(tensors(spec.bias))] : [x, weight], {
    transB,
  });
}
