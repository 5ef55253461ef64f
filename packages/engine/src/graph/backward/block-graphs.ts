import type { ModelSpec } from "../../architectures/architecture.ts";
import { linear } from "../components/linear.ts";
import { norm } from "../components/norm.ts";
import { rotary } from "../components/rotary.ts";
import type { GraphBuilder, Value } from "../graph-builder.ts";
import type { Tensors } from "../tensors.ts";
import { linearBackward } from "./linear.ts";
import { normBackward } from "./norm.ts";
import { queriesKeysValuesBackward } from "./queries-keys-values.ts";

// Vector-Jacobian products of a block around its MLP (`mlp.ts`), cut where gradients are read. `d_x` is the gradient of the metric at x. Each graph
// gets the forward values at its input and computes what lies between again. Every row is `[n, ...]` as in the forward graphs.

/**
 * Final hook_resid_post and the metric's direction in the normed stream, sum of weight x unembedding row -> their product `[n]` (the metric, where
 * logits are not soft-capped), d_resid.
 */
export function metricGraph(graph: GraphBuilder, tensors: Tensors, spec: ModelSpec): void {
  const { width } = spec.facts;
  const [x, direction] = [graph.input("resid", ["n", width]), graph.input("direction", ["n", width])];
  const normed = norm(graph, tensors, spec.facts, spec.finalNorm, x, width);
  const product = graph.op("Mul", [normed, direction]);
  graph.output("metric", graph.op("ReduceSum", [product, graph.ints([1])], { keepdims: 0 }), ["n"]);
  const back = normBackward(graph, tensors, spec.facts, spec.finalNorm, x, direction, width);
  graph.output("d_resid", back, ["n", width]);
}

/**
 * d_resid_mid -> d_z. Where what attention writes is normed, `z` is needed too. Where the stream is normed, `z` and `resid_pre` are, and `d_sum` comes
 * out as well: the gradient at hook_resid_pre + hook_attn_out (elsewhere that is d_resid_mid).
 */
export function attentionOutputBackwardGraph(
  graph: GraphBuilder,
  tensors: Tensors,
  spec: ModelSpec,
  layer: number,
): void {
  const { heads, headWidth, width, postNorm } = spec.facts;
  const { out, postNorms } = spec.block(layer);
  const dMid = graph.input("d_resid_mid", ["n", width]);
  const through = (x: Value) =>
    normBackward(graph, tensors, spec.facts, postNorms!.attention, x, dMid, width);
  const written = () => linear(graph, tensors, out, graph.input("z", ["n", heads * headWidth]));
  let dOut = dMid;
  if (postNorm === "output") dOut = through(written());
  if (postNorm === "stream") {
    dOut = through(graph.op("Add", [graph.input("resid_pre", ["n", width]), written()]));
    graph.output("d_sum", dOut, ["n", width]);
  }
  graph.output("d_z", linearBackward(graph, tensors, out, dOut), ["n", heads * headWidth]);
}

/**
 * hook_resid_pre, gradients at q, k (rotated where the model rotates) and v, and `d_sum` at hook_resid_pre + hook_attn_out -> d_resid_pre. A
 * parallel block adds `d_mlp_in`, what comes back through its MLP.
 */
export function attentionInputBackwardGraph(
  graph: GraphBuilder,
  tensors: Tensors,
  spec: ModelSpec,
  layer: number,
): void {
  const { facts } = spec;
  const { heads, kvHeads, headWidth, width } = facts;
  const block = spec.block(layer);
  const x = graph.input("resid_pre", ["n", width]);
  const dSum = graph.input("d_sum", ["n", width]);
  let dq = graph.input("d_q", ["n", heads * headWidth]);
  let dk = graph.input("d_k", ["n", kvHeads * headWidth]);
  const dv = graph.input("d_v", ["n", kvHeads * headWidth]);
  if (spec.rotary) {
    // A rotation's transpose turns the other way.
    const half = spec.rotary.inverseFrequencies.length;
    const cos = graph.input("cos", ["n", half]);
    const sin = graph.op("Neg", [graph.input("sin", ["n", half])]);
    dq = rotary(graph, dq, heads, headWidth, half, cos, sin);
    dk = rotary(graph, dk, kvHeads, headWidth, half, cos, sin);
  }
  // Only heads that are normed ask for what q and k were.
  const normed = block.headNorms ? norm(graph, tensors, facts, block.norm1, x, width) : x;
  const dNormed = queriesKeysValuesBackward(graph, tensors, facts, block, normed, [dq, dk, dv]);
  const through = normBackward(graph, tensors, facts, block.norm1, x, dNormed, width);
  const parts = [dSum, through];
  if (facts.block === "parallel") parts.push(graph.input("d_mlp_in", ["n", width]));
  graph.output("d_resid_pre", graph.op("Sum", parts), ["n", width]);
}
