import type { BlockSpec, ModelFacts } from "../../architectures/architecture.ts";
import type { GraphBuilder, Value } from "../graph-builder.ts";
import type { Tensors } from "../tensors.ts";
import { linear } from "./linear.ts";
import { norm } from "./norm.ts";

/** q `[n, heads * d_head]`, k and v `[n, kv_heads * d_head]` of normed rows, before they are normed head by head and rotated. */
export function queriesKeysValues(
  graph: GraphBuilder,
  tensors: Tensors,
  { heads, kvHeads, headWidth }: ModelFacts,
  { qkv }: BlockSpec,
  x: Value,
): [Value, Value, Value] {
  const [queryWidth, keyWidth] = [heads * headWidth, kvHeads * headWidth];
  if (qkv.kind === "separate")
    return [qkv.q, qkv.k, qkv.v].map((part) => linear(graph, tensors, part, x)) as [Value, Value, Value];
  const all = linear(graph, tensors, qkv.all, x);
  if (qkv.kind === "fused")
    return graph.ops("Split", [all, graph.ints([queryWidth, keyWidth, keyWidth])], { axis: 1 }, 3) as [
      Value,
      Value,
      Value,
    ];
  const byHead = graph.reshape(all, [-1, heads, 3, headWidth]);
  return graph
    .ops("Split", [byHead, graph.ints([1, 1, 1])], { axis: 2 }, 3)
    .map((part) => graph.reshape(part, [-1, queryWidth])) as [Value, Value, Value];
}

export const headsOf = (which: "q" | "k", { heads, kvHeads }: Pick<ModelFacts, "heads" | "kvHeads">) =>
  which === "q" ? heads : kvHeads;

/** q or k with each head's part normed, where the block does that. */
export function headNormed(
  graph: GraphBuilder,
  tensors: Tensors,
  facts: ModelFacts,
  { headNorms }: BlockSpec,
  which: "q" | "k",
  x: Value,
): Value {
  if (!headNorms) return x;
  const { headWidth } = facts;
  const heads = headsOf(which, facts);
  const split = graph.reshape(x, [-1, heads, headWidth]);
  return graph.reshape(norm(graph, tensors, facts, headNorms[which], split, headWidth), [
    -1,
    heads * headWidth,
  ]);
}
