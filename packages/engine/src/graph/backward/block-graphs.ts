import type { ModelSpec } from "../../architectures/architecture.ts";
import { norm } from "../components/norm.ts";
import { rotary } from "../components/rotary.ts";
import type { GraphBuilder } from "../graph-builder.ts";
import type { Tensors } from "../tensors.ts";
import { linearBackward } from "./linear.ts";
import { normBackward } from "./norm.ts";

// Vector-Jacobian products of a serial pre-norm block around its MLP (`mlp.ts`), cut where gradients are read. `d_x` is the gradient of the metric at x. Each graph
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
