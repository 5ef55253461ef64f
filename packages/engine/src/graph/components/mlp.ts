import type { MlpSpec } from "../../architectures/architecture.ts";
import type { GraphBuilder, Value } from "../graph-builder.ts";
import type { Tensors } from "../tensors.ts";
import { activation } from "./activation.ts";
import { linear } from "./linear.ts";

/** MLP over normed rows: `pre` before the activation (of the gate, if gated), `post` what W_out reads, `out` with its bias. */
export function mlp(
  graph: GraphBuilder,
  tensors: Tensors,
  spec: MlpSpec,
  x: Value,
): { pre: Value; post: Value; out: Value } {
  const pre = linear(graph, tensors, spec.kind === "gated" ? spec.gate : spec.in, x);
  const active = activation(graph, spec.activation, pre);
  const post = spec.kind === "gated" ? graph.op("Mul", [active, linear(graph, tensors, spec.up, x)]) : active;
  return { pre, post, out: linear(graph, tensors, spec.out, post) };
}
