import type { ModelSpec } from "../../architectures/architecture.ts";
import { activation } from "../components/activation.ts";
import { linear } from "../components/linear.ts";
import { norm } from "../components/norm.ts";
import { streamSum, written } from "../components/stream.ts";
import type { GraphBuilder, Value } from "../graph-builder.ts";
import type { Tensors } from "../tensors.ts";
import { activationDerivative } from "./activation.ts";
import { linearBackward } from "./linear.ts";
import { normBackward } from "./norm.ts";

// An MLP forward and back, cut before its activation: what stands there is all that the way back needs besides hook_resid_mid, and its elementwise
// steps are many, so that they run over fewer rows than the matrix products. `up` exists in gated MLPs only.

/** What the MLP reads, `mlp_in` -> `pre` (mlp.hook_pre) and `up`, `[n, d_mlp]`. */
export function mlpInputGraph(graph: GraphBuilder, tensors: Tensors, spec: ModelSpec, layer: number): void {
  const { facts } = spec;
  const { norm2, mlp } = spec.block(layer);
  const x = graph.input("mlp_in", ["n", facts.width]);
  const normed = norm(graph, tensors, facts, norm2, x, facts.width);
  const first = mlp.kind === "gated" ? mlp.gate : mlp.in;
  graph.output("pre", linear(graph, tensors, first, normed), ["n", facts.mlpWidth]);
  if (mlp.kind === "gated") graph.output("up", linear(graph, tensors, mlp.up, normed), ["n", facts.mlpWidth]);
}

/** `pre`, `up` and hook_resid_mid -> hook_mlp_out and hook_resid_post. */
export function mlpOutputGraph(graph: GraphBuilder, tensors: Tensors, spec: ModelSpec, layer: number): void {
  const { width } = spec.facts;
  const out = written(graph, tensors, spec, layer, "mlp", outputOf(graph, tensors, spec, layer));
  graph.output("mlp_out", out, ["n", width]);
  const sum = streamSum(graph, tensors, spec, layer, "mlp", graph.input("resid_mid", ["n", width]), out);
  graph.output("resid_post", sum, ["n", width]);
}

/** The MLP's output before any norm, from inputs `pre` and `up`. */
function outputOf(graph: GraphBuilder, tensors: Tensors, spec: ModelSpec, layer: number): Value {
  const { mlpWidth } = spec.facts;
  const { mlp } = spec.block(layer);
  const active = activation(graph, mlp.activation, graph.input("pre", ["n", mlpWidth]));
  const post = mlp.kind === "gated" ? graph.op("Mul", [active, graph.input("up", ["n", mlpWidth])]) : active;
  return linear(graph, tensors, mlp.out, post);
}

/**
 * d_resid_post -> `d_post` (of mlp.hook_post). Where what the MLP writes is normed, `pre` and `up` are needed too. Where the stream is normed, these and
 * `resid_mid` are, and `d_sum` comes out as well: the gradient at hook_resid_mid + hook_mlp_out (elsewhere that is d_resid_post).
 */
export function mlpOutputBackwardGraph(
  graph: GraphBuilder,
  tensors: Tensors,
  spec: ModelSpec,
  layer: number,
): void {
  const { width, mlpWidth, postNorm } = spec.facts;
  const { mlp, postNorms } = spec.block(layer);
  const dPost = graph.input("d_resid_post", ["n", width]);
  const through = (x: Value) => normBackward(graph, tensors, spec.facts, postNorms!.mlp, x, dPost, width);
  let dOut = dPost;
  if (postNorm === "output") dOut = through(outputOf(graph, tensors, spec, layer));
  if (postNorm === "stream") {
    const mid = graph.input("resid_mid", ["n", width]);
    dOut = through(graph.op("Add", [mid, outputOf(graph, tensors, spec, layer)]));
    graph.output("d_sum", dOut, ["n", width]);
  }
  graph.output("d_post", linearBackward(graph, tensors, mlp.out, dOut), ["n", mlpWidth]);
}

/** `pre`, `up` and `d_post` -> `d_pre` and `d_up`. No weights. */
export function activationBackwardGraph(graph: GraphBuilder, spec: ModelSpec): void {
  const { mlpWidth } = spec.facts;
  const { mlp } = spec.block(0);
  const pre = graph.input("pre", ["n", mlpWidth]);
  const dPost = graph.input("d_post", ["n", mlpWidth]);
  const slope = activationDerivative(graph, mlp.activation, pre);
  if (mlp.kind === "plain") {
    graph.output("d_pre", graph.op("Mul", [dPost, slope]), ["n", mlpWidth]);
    return;
  }
  const dActive = graph.op("Mul", [dPost, graph.input("up", ["n", mlpWidth])]);
  graph.output("d_pre", graph.op("Mul", [dActive, slope]), ["n", mlpWidth]);
  const dUp = graph.op("Mul", [dPost, activation(graph, mlp.activation, pre)]);
  graph.output("d_up", dUp, ["n", mlpWidth]);
}

/** `d_pre`, `d_up`, `mlp_in` and `d_sum` at hook_resid_mid + hook_mlp_out -> d_resid_mid, through the MLP and past it; in a parallel block d_mlp_in, through it alone. */
export function mlpInputBackwardGraph(
  graph: GraphBuilder,
  tensors: Tensors,
  spec: ModelSpec,
  layer: number,
): void {
  const { facts } = spec;
  const { norm2, mlp } = spec.block(layer);
  const x = graph.input("mlp_in", ["n", facts.width]);
  const back = (part: typeof mlp.out, name: string) =>
    linearBackward(graph, tensors, part, graph.input(name, ["n", facts.mlpWidth]));
  const dNormed =
    mlp.kind === "gated"
      ? graph.op("Add", [back(mlp.gate, "d_pre"), back(mlp.up, "d_up")])
      : back(mlp.in, "d_pre");
  const through = normBackward(graph, tensors, facts, norm2, x, dNormed, facts.width);
  if (facts.block === "parallel") {
    graph.output("d_mlp_in", through, ["n", facts.width]);
    return;
  }
  const dSum = graph.input("d_sum", ["n", facts.width]);
  graph.output("d_resid_mid", graph.op("Add", [dSum, through]), ["n", facts.width]);
}
