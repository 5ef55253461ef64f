import type { ModelSpec } from "../architectures/architecture.ts";
import { denseAttention, type ScoreForm, singleAttention, suffixAttention } from "./components/attention.ts";
import { linear } from "./components/linear.ts";
import { mlp } from "./components/mlp.ts";
import { norm, normGain } from "./components/norm.ts";
import { headNormed, queriesKeysValues } from "./components/queries-keys-values.ts";
import { rotary } from "./components/rotary.ts";
import { type Sublayer, streamSum, written } from "./components/stream.ts";
import type { GraphBuilder, Value } from "./graph-builder.ts";
import type { Tensors } from "./tensors.ts";

// One block is cut where hook points are edited: everything between two cuts is one graph over rows, and an edit is a change of
// the rows that go into the next graph. A graph runs all its nodes whatever is asked of it, so what is rarely wanted is its own graph.

/** hook_resid_pre `[n, d_model]` -> q, k, v (rotated where the model rotates). */
export function attentionInputGraph(
  graph: GraphBuilder,
  tensors: Tensors,
  spec: ModelSpec,
  layer: number,
): void {
  const { heads, kvHeads, headWidth, width } = spec.facts;
  const block = spec.block(layer);
  const x = norm(graph, tensors, spec.facts, block.norm1, graph.input("resid_pre", ["n", width]), width);
  const [queryWidth, keyWidth] = [heads * headWidth, kvHeads * headWidth];
  const [rawQ, rawK, v] = queriesKeysValues(graph, tensors, spec.facts, block, x);
  const q = headNormed(graph, tensors, spec.facts, block, "q", rawQ);
  const k = headNormed(graph, tensors, spec.facts, block, "k", rawK);
  if (spec.rotary) {
    const half = spec.rotary.inverseFrequencies.length;
    const [cos, sin] = [graph.input("cos", ["n", half]), graph.input("sin", ["n", half])];
    graph.output("q", rotary(graph, q, heads, headWidth, half, cos, sin), ["n", queryWidth]);
    graph.output("k", rotary(graph, k, kvHeads, headWidth, half, cos, sin), ["n", keyWidth]);
  } else {
    graph.output("q", q, ["n", queryWidth]);
    graph.output("k", k, ["n", keyWidth]);
  }
  graph.output("v", v, ["n", keyWidth]);
}

export interface AttentionOptions {
  /** Adds an input `mask` to the scores, of the pattern's shape. */
  masked: boolean;
  withPattern: boolean;
}

/** q, k, v of whole prompts -> z `[n, heads * d_head]` and, if asked for, pattern `[b, head, query, key]`. No weights. */
export function denseAttentionGraph(
  graph: GraphBuilder,
  spec: ModelSpec,
  form: ScoreForm,
  { masked, withPattern }: AttentionOptions,
): void {
  const { heads, kvHeads, headWidth } = spec.facts;
  const q = graph.input("q", ["n", heads * headWidth]);
  const k = graph.input("k", ["n", kvHeads * headWidth]);
  const v = graph.input("v", ["n", kvHeads * headWidth]);
  const length = graph.input("length", [1], "int64");
  const mask = masked ? graph.input("mask", ["b", heads, "t", "t"]) : null;
  const out = denseAttention(graph, spec.facts, form, { q, k, v }, length, mask);
  graph.output("z", out.z, ["n", heads * headWidth]);
  if (withPattern) graph.output("pattern", out.pattern, ["b", heads, "t", "t"]);
}

/** The same for variants of a base prompt: see `suffixAttention`, and `singleAttention` for variants of one row. */
export function suffixAttentionGraph(
  graph: GraphBuilder,
  spec: ModelSpec,
  form: ScoreForm,
  { masked, withPattern, single }: AttentionOptions & { single: boolean },
): void {
  const { heads, kvHeads, headWidth } = spec.facts;
  const own = {
    q: graph.input("q", ["m", heads * headWidth]),
    k: graph.input("k", ["n", kvHeads * headWidth]),
    v: graph.input("v", ["n", kvHeads * headWidth]),
  };
  const past = {
    k: graph.input("past_k", ["s", kvHeads * headWidth]),
    v: graph.input("past_v", ["s", kvHeads * headWidth]),
  };
  const counts = graph.input("counts", [single ? 3 : 5], "int64");
  const mask = masked ? graph.input("mask", ["bv", heads, "queries", "all"]) : null;
  const attention = single ? singleAttention : suffixAttention;
  const out = attention(graph, spec.facts, form, own, past, counts, mask);
  graph.output("z", out.z, ["m", heads * headWidth]);
  if (withPattern) graph.output("pattern", out.pattern, ["bv", heads, "queries", "all"]);
}

/** hook_z -> hook_attn_out; with hook_resid_pre -> hook_resid_mid (in a parallel block the sum of the two, which nobody reads). */
export function attentionOutputGraph(
  graph: GraphBuilder,
  tensors: Tensors,
  spec: ModelSpec,
  layer: number,
): void {
  const { heads, headWidth, width } = spec.facts;
  const block = spec.block(layer);
  const z = graph.input("z", ["n", heads * headWidth]);
  const out = written(graph, tensors, spec, layer, "attention", linear(graph, tensors, block.out, z));
  graph.output("attn_out", out, ["n", width]);
  const sum = streamSum(
    graph,
    tensors,
    spec,
    layer,
    "attention",
    graph.input("resid_pre", ["n", width]),
    out,
  );
  graph.output("resid_mid", sum, ["n", width]);
}

/** `resid` and `out` `[n, d_model]` -> the stream after a sublayer that wrote `out`. */
export function streamSumGraph(
  graph: GraphBuilder,
  tensors: Tensors,
  spec: ModelSpec,
  layer: number,
  sublayer: Sublayer,
): void {
  const { width } = spec.facts;
  const [resid, out] = [graph.input("resid", ["n", width]), graph.input("out", ["n", width])];
  graph.output("sum", streamSum(graph, tensors, spec, layer, sublayer, resid, out), ["n", width]);
}

/**
 * hook_z -> hook_result `[n, head, d_model]`: what each head writes, without b_O; where the attention's output is normed (RMSNorm), after that norm with its
 * scale as it is, so that heads add up to hook_attn_out.
 */
export function headResultGraph(graph: GraphBuilder, tensors: Tensors, spec: ModelSpec, layer: number): void {
  const { heads, headWidth, width } = spec.facts;
  const { out, postNorms } = spec.block(layer);
  const { weight, layout } = out;
  const perHead =
    layout === "in_out"
      ? graph.matrix(tensors(weight), [heads, headWidth, width])
      : graph.transpose(graph.matrix(tensors(weight), [width, heads, headWidth]), [1, 2, 0]);
  const z = graph.input("z", ["n", heads * headWidth]);
  const split = graph.reshape(z, [-1, heads, headWidth]);
  const product = graph.product("MatMul", graph.transpose(split, [1, 0, 2]), perHead);
  const result = graph.transpose(product, [1, 0, 2]);
  if (spec.facts.postNorm !== "output") {
    graph.output("result", result, ["n", heads, width]);
    return;
  }
  const scale = graph.reshape(rms(graph, spec, linear(graph, tensors, out, z)), [-1, 1, 1]);
  const gain = normGain(graph, tensors, postNorms!.attention, width);
  graph.output("result", graph.op("Div", [graph.op("Mul", [result, gain]), scale]), ["n", heads, width]);
}

/** hook_z -> ln1_post.hook_scale `[n, 1]`: sqrt(mean square + eps) of the attention's output before its norm (RMSNorm). */
export function attentionPostScaleGraph(
  graph: GraphBuilder,
  tensors: Tensors,
  spec: ModelSpec,
  layer: number,
): void {
  const { heads, headWidth } = spec.facts;
  const out = linear(graph, tensors, spec.block(layer).out, graph.input("z", ["n", heads * headWidth]));
  graph.output("scale", rms(graph, spec, out), ["n", 1]);
}

const rms = (graph: GraphBuilder, { facts }: ModelSpec, x: Value): Value => {
  const square = graph.op("ReduceMean", [graph.op("Mul", [x, x]), graph.ints([1])], { keepdims: 1 });
  return graph.op("Sqrt", [graph.op("Add", [square, graph.scalar(facts.norm.epsilon)])]);
};

/**
 * What the MLP reads -> hook_mlp_out and hook_resid_post; `withHidden` adds mlp.hook_pre and mlp.hook_post. In a serial block that is `resid_mid`; a parallel
 * one reads `mlp_in` and adds to `resid_mid`.
 */
export function mlpGraph(
  graph: GraphBuilder,
  tensors: Tensors,
  spec: ModelSpec,
  layer: number,
  withHidden: boolean,
): void {
  const { width, mlpWidth } = spec.facts;
  const block = spec.block(layer);
  const mid = graph.input("resid_mid", ["n", width]);
  const x = spec.facts.block === "parallel" ? graph.input("mlp_in", ["n", width]) : mid;
  const normed = norm(graph, tensors, spec.facts, block.norm2, x, width);
  const { pre, post, out: raw } = mlp(graph, tensors, block.mlp, normed);
  const out = written(graph, tensors, spec, layer, "mlp", raw);
  graph.output("mlp_out", out, ["n", width]);
  graph.output("resid_post", streamSum(graph, tensors, spec, layer, "mlp", mid, out), ["n", width]);
  if (withHidden) {
    graph.output("pre", pre, ["n", mlpWidth]);
    graph.output("post", post, ["n", mlpWidth]);
  }
}
