import type { GraphBuilder, Value } from "../graph-builder.ts";

/**
 * Rotary embedding of the first 2 r dimensions of each head of rows `[n, heads * d_head]`, Hugging Face's half-split form:
 * (x1, x2) -> (x1 cos - x2 sin, x2 cos + x1 sin), with cos and sin `[n, r]` of each row's position.
 */
export function rotary(
  graph: GraphBuilder,
  x: Value,
  heads: number,
  headWidth: number,
  half: number,
  cos: Value,
  sin: Value,
): Value {
  const rest = headWidth - 2 * half;
  const sizes = rest > 0 ? [half, half, rest] : [half, half];
  const [x1, x2, ...unrotated] = graph.ops(
    "Split",
    [graph.reshape(x, [-1, heads, headWidth]), graph.ints(sizes)],
    { axis: 2 },
    sizes.length,
  ) as [Value, Value, ...Value[]];
  const [c, s] = [graph.reshape(cos, [-1, 1, half]), graph.reshape(sin, [-1, 1, half])];
  const y1 = graph.op("Sub", [graph.op("Mul", [x1, c]), graph.op("Mul", [x2, s])]);
  const y2 = graph.op("Add", [graph.op("Mul", [x2, c]), graph.op("Mul", [x1, s])]);
  return graph.reshape(graph.op("Concat", [y1, y2, ...unrotated], { axis: 2 }), [-1, heads * headWidth]);
}
