import type { LinearSpec } from "../../architectures/architecture.ts";
import type { GraphBuilder, Value } from "../graph-builder.ts";
import type { Tensors } from "../tensors.ts";

/** y = x W + b over rows: `[n, in]` -> `[n, out]`. */
export function linear(graph: GraphBuilder, tensors: Tensors, spec: LinearSpec, x: Value): Value {
  const matrix = graph.matrix(tensors(spec.weight));
  const transB = spec.layout === "out_in" ? 1 : 0;
  const bias = spec.bias && graph.weight(tensors(spec.bias));
  if (bias && !graph.traits.halfProducts) return graph.op("Gemm", [x, matrix, bias], { transB });
  const product = graph.product("Gemm", x, matrix, { transB });
  return bias ? graph.op("Add", [product, bias]) : product;
}
