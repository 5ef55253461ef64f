import type { BlockSpec, ModelFacts } from "../../architectures/architecture.ts";
import { headsOf, queriesKeysValues } from "../components/queries-keys-values.ts";
import type { GraphBuilder, Value } from "../graph-builder.ts";
import type { Tensors } from "../tensors.ts";
import { linearBackward } from "./linear.ts";
import { normBackward } from "./norm.ts";

/** Gradients at q, k (before they are rotated, after they are normed head by head) and v -> gradient at the normed rows. `x` are those rows. */
export function queriesKeysValuesBackward(
  graph: GraphBuilder,
  tensors: Tensors,
  facts: ModelFacts,
  block: BlockSpec,
  x: Value,
  [dq, dk, dv]: readonly [Value, Value, Value],
): Value {
  const { heads, headWidth } = facts;
  const { qkv } = block;
  const [q, k] = block.headNorms ? queriesKeysValues(graph, tensors, facts, block, x) : [];
  const [rawQ, rawK] = [
    headNormBackward(graph, tensors, facts, block, "q", q, dq),
    headNormBackward(graph, tensors, facts, block, "k", k, dk),
  ];
  if (qkv.kind === "separate")
    return graph.op("Sum", [
      linearBackward(graph, tensors, qkv.q, rawQ),
      linearBackward(graph, tensors, qkv.k, rawK),
      linearBackward(graph, tensors, qkv.v, dv),
    ]);
  if (qkv.kind === "fused")
    return linearBackward(graph, tensors, qkv.all, graph.op("Concat", [rawQ, rawK, dv], { axis: 1 }));
  const byHead = [rawQ, rawK, dv].map((part) => graph.reshape(part, [-1, heads, 1, headWidth]));
  const all = graph.reshape(graph.op("Concat", byHead, { axis: 2 }), [-1, 3 * heads * headWidth]);
  return linearBackward(graph, tensors, qkv.all, all);
}

/** Through the norm of each head's part of q or k, `raw` before it. */
function headNormBackward(
  graph: GraphBuilder,
  tensors: Tensors,
  facts: ModelFacts,
  { headNorms }: BlockSpec,
  which: "q" | "k",
  raw: Value | undefined,
  dy: Value,
): Value {
  if (!headNorms) return dy;
  const { headWidth } = facts;
  const heads = headsOf(which, facts);
  const split = (value: Value) => graph.reshape(value, [-1, heads, headWidth]);
  const dx = normBackward(graph, tensors, facts, headNorms[which], split(raw!), split(dy), headWidth);
  return graph.reshape(dx, [-1, heads * headWidth]);
}
