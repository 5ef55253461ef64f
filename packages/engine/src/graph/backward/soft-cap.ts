import type { GraphBuilder, Value } from "../graph-builder.ts";

/** Of y = cap tanh(x / cap): d/dy -> d/dx = d/dy (1 - (y / cap)^2), from y. Without a cap d/dy. */
export function softCapBackward(
  graph: GraphBuilder,
  cap: number | null | undefined,
  y: Value,
  dy: Value,
): Value {
  if (cap === null || cap === undefined) return dy;
  const share = graph.op("Div", [y, graph.scalar(cap)]);
  const slope = graph.op("Sub", [graph.scalar(1), graph.op("Mul", [share, share])]);
  return graph.op("Mul", [dy, slope]);
}
