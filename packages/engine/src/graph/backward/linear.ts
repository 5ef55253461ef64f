import type { LinearSpec } from "../../architectures/architecture.ts";
import type { GraphBuilder, Value } from "../graph-builder.ts";
import type { Tensors } from "../tensors.ts";

/** Of y = x W + b: d/dy `[n, out]` -> d/dx = d/dy W^T `[n, in]`. */
export function linearBackward(graph: GraphBuilder, tensors: Tensors, spec: LinearSpec, dy: Value): Value {
  const transB = spec.layout === "in_out" ? 1 : 0;
  return graph.product("Gemm", dy, graph.matrix(tensors(spec.weight)), { transB });
}
