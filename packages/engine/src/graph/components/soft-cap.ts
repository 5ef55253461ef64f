import type { GraphBuilder, Value } from "../graph-builder.ts";

/** cap tanh(x / cap); x itself where there is no cap. */
export function softCap(graph: GraphBuilder, cap: number | null | undefined, x: Value): Value {
  if (cap === null || cap === undefined) return x;
  const squashed = graph.op("Tanh", [graph.op("Div", [x, graph.scalar(cap)])]);
  return graph.op("Mul", [squashed, graph.scalar(cap)]);
}
