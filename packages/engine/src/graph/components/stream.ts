import type { ModelSpec } from "../../architectures/architecture.ts";
import type { GraphBuilder, Value } from "../graph-builder.ts";
import type { Tensors } from "../tensors.ts";
import { norm } from "./norm.ts";

export type Sublayer = "attention" | "mlp";

/** What a sublayer adds to the stream: its output, normed where the model does that. */
export function written(
  graph: GraphBuilder,
  tensors: Tensors,
  { facts, block }: ModelSpec,
  layer: number,
  sublayer: Sublayer,
  out: Value,
): Value {
  if (facts.postNorm !== "output") return out;
  return norm(graph, tensors, facts, block(layer).postNorms![sublayer], out, facts.width);
}

/** The stream after a sublayer: with what that wrote, normed where the model norms the stream. */
export function streamSum(
  graph: GraphBuilder,
  tensors: Tensors,
  { facts, block }: ModelSpec,
  layer: number,
  sublayer: Sublayer,
  resid: Value,
  out: Value,
): Value {
  const sum = graph.op("Add", [resid, out]);
  if (facts.postNorm !== "stream") return sum;
  return norm(graph, tensors, facts, block(layer).postNorms![sublayer], sum, facts.width);
}
