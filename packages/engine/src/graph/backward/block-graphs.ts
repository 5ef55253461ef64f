import type { ModelSpec } from "../../architectures/architecture.ts";
import { activation } from "../components/activation.ts";
import { linear } from "../components/linear.ts";
import { norm } from "../components/norm.ts";
import { rotary } from "../components/rotary.ts";
import type { GraphBuilder } from "../graph-builder.ts";
import type { Tensors } from "../tensors.ts";
import { activationDerivative } from "./activation.ts";
import { linearBackward } from "./linear.ts";
import { normBackward } from "./norm.ts";

// Vector-Jacobian products of a serial pre-norm block, cut where gradients are read. `d_x` is the gradient of the metric at x. Each graph
// gets the forward values at its input and computes what lies between again. Every row is `[n, ...]` as in the forward graphs.

/** Final hook_resid_post and the metric's direction in the normed stream, sum of weight x unembedding row -> metric `[n]`, d_resid. */
export function metricGraph(graph: GraphBuilder, tensors: Tensors, spec: ModelSpec): void {
  const { width } = spec.facts;
  const [x, direction] = [graph.input("resid", ["n", width]), graph.input("direction", ["n", width])];
  const normed = norm(graph, tensors, spec.facts, spec.finalNorm, x);
  const product = graph.op("Mul", [normed, direction]);
  graph.output("metric", graph.op("ReduceSum", [product, graph.ints([1])], { keepdims: 0 }), ["n"]);
  const back = normBackward(graph, tensors, spec.facts, spec.finalNorm, x, direction);
  graph.output("d_resid", back, ["n", width]);
}

/** hook_resid_mid and d_resid_post (= that of hook_mlp_out) -> d_resid_mid, through the MLP and past it. */
export function mlpBackwardGraph(
  graph: GraphBuilder,
  tensors: Tensors,
  spec: ModelSpec,
  layer: number,
): void {
  const { facts } = spec;
  const block = spec.block(layer);
  const { mlp } = block;
  const back = (part: typeof mlp.out, dy: string) => linearBackward(graph, tensors, part, dy);
  const x = graph.input("resid_mid", ["n", facts.width]);
  const dPost = graph.input("d_resid_post", ["n", facts.width]);
  const normed = norm(graph, tensors, facts, block.norm2, x);
  const pre = linear(graph, tensors, mlp.kind === "gated" ? mlp.gate : mlp.in, normed);
  const slope = activationDerivative(graph, mlp.activation, pre);
  const dHidden = back(mlp.out, dPost);
  let dNormed: string;
  if (mlp.kind === "gated") {
    const up = linear(graph, tensors, mlp.up, normed);
    const dGate = graph.op("Mul", [graph.op("Mul", [dHidden, up]), slope]);
    const dUp = graph.op("Mul", [dHidden, activation(graph, mlp.activation, pre)]);
    dNormed = graph.op("Add", [back(mlp.gate, dGate), back(mlp.up, dUp)]);
  } else {
    dNormed = back(mlp.in, graph.op("Mul", [dHidden, slope]));
  }
  const through = normBackward(graph, tensors, facts, block.norm2, x, dNormed);
  graph.output("d_resid_mid", graph.op("Add", [dPost, through]), ["n", facts.width]);
}

/** d_resid_mid (= that of hook_attn_out) -> d_z. */
export function attentionOutputBackwardGraph(
  graph: GraphBuilder,
  tensors: Tensors,
  spec: ModelSpec,
  layer: number,
): void {
  const { heads, headWidth, width } = spec.facts;
  const dOut = graph.input("d_resid_mid", ["n", width]);
  const dz = linearBackward(graph, tensors, spec.block(layer).out, dOut);
  graph.output("d_z", dz, ["n", heads * headWidth]);
}

/** hook_resid_pre, gradients at q, k (rotated where the model rotates) and v, and d_resid_mid -> d_resid_pre. */
export function attentionInputBackwardGraph(
  graph: GraphBuilder,
  tensors: Tensors,
  spec: ModelSpec,
  layer: number,
): void {
  const { heads, kvHeads, headWidth, width } = spec.facts;
  const block = spec.block(layer);
  const x = graph.input("resid_pre", ["n", width]);
  const dMid = graph.input("d_resid_mid", ["n", width]);
  let dq = graph.input("d_q", ["n", heads * headWidth]);
  let dk = graph.input("d_k", ["n", kvHeads * headWidth]);
  const dv = graph.input("d_v", ["n", kvHeads * headWidth]);
  if (spec.rotary) {
    // A rotation's transpose turns the other way.
    const cos = graph.input("cos", ["n", headWidth / 2]);
    const sin = graph.op("Neg", [graph.input("sin", ["n", headWidth / 2])]);
    dq = rotary(graph, dq, heads, headWidth, cos, sin);
    dk = rotary(graph, dk, kvHeads, headWidth, cos, sin);
  }
  const { qkv } = block;
  const dNormed =
    qkv.kind === "fused"
      ? linearBackward(graph, tensors, qkv.all, graph.op("Concat", [dq, dk, dv], { axis: 1 }))
      : graph.op("Sum", [
          linearBackward(graph, tensors, qkv.q, dq),
          linearBackward(graph, tensors, qkv.k, dk),
          linearBackward(graph, tensors, qkv.v, dv),
        ]);
  const through = normBackward(graph, tensors, spec.facts, block.norm1, x, dNormed);
  graph.output("d_resid_pre", graph.op("Add", [dMid, through]), ["n", width]);
}
