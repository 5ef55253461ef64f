import type { ModelSpec } from "../architectures/architecture.ts";
import { denseAttention, singleAttention, suffixAttention } from "./components/attention.ts";
import { linear } from "./components/linear.ts";
import { mlp } from "./components/mlp.ts";
import { norm } from "./components/norm.ts";
import { rotary } from "./components/rotary.ts";
import type { GraphBuilder } from "./graph-builder.ts";
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
  const x = norm(graph, tensors, spec.facts, block.norm1, graph.input("resid_pre", ["n", width]));
  const [queryWidth, keyWidth] = [heads * headWidth, kvHeads * headWidth];
  const [q, k, v] =
    block.qkv.kind === "fused"
      ? graph.ops(
          "Split",
          [linear(graph, tensors, block.qkv.all, x), graph.ints([queryWidth, keyWidth, keyWidth])],
          { axis: 1 },
          3,
        )
      : [block.qkv.q, block.qkv.k, block.qkv.v].map((part) => linear(graph, tensors, part, x));
  if (spec.rotary) {
    const [cos, sin] = [graph.input("cos", ["n", headWidth / 2]), graph.input("sin", ["n", headWidth / 2])];
    graph.output("q", rotary(graph, q!, heads, headWidth, cos, sin), ["n", queryWidth]);
    graph.output("k", rotary(graph, k!, kvHeads, headWidth, cos, sin), ["n", keyWidth]);
  } else {
    graph.output("q", q!, ["n", queryWidth]);
    graph.output("k", k!, ["n", keyWidth]);
  }
  graph.output("v", v!, ["n", keyWidth]);
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
  { masked, withPattern }: AttentionOptions,
): void {
  const { heads, kvHeads, headWidth } = spec.facts;
  const q = graph.input("q", ["n", heads * headWidth]);
  const k = graph.input("k", ["n", kvHeads * headWidth]);
  const v = graph.input("v", ["n", kvHeads * headWidth]);
  const length = graph.input("length", [1], "int64");
  const mask = masked ? graph.input("mask", ["b", heads, "t", "t"]) : null;
  const out = denseAttention(graph, spec.facts, { q, k, v }, length, mask);
  graph.output("z", out.z, ["n", heads * headWidth]);
  if (withPattern) graph.output("pattern", out.pattern, ["b", heads, "t", "t"]);
}

/** The same for variants of a base prompt: see `suffixAttention`, and `singleAttention` for variants of one row. */
export function suffixAttentionGraph(
  graph: GraphBuilder,
  spec: ModelSpec,
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
  const out = attention(graph, spec.facts, own, past, counts, mask);
  graph.output("z", out.z, ["m", heads * headWidth]);
  if (withPattern) graph.output("pattern", out.pattern, ["bv", heads, "queries", "all"]);
}

/** hook_z -> hook_attn_out; with hook_resid_pre -> hook_resid_mid. */
export function attentionOutputGraph(
  graph: GraphBuilder,
  tensors: Tensors,
  spec: ModelSpec,
  layer: number,
): void {
  const { heads, headWidth, width } = spec.facts;
  const out = linear(graph, tensors, spec.block(layer).out, graph.input("z", ["n", heads * headWidth]));
  graph.output("attn_out", out, ["n", width]);
  graph.output("resid_mid", graph.op("Add", [graph.input("resid_pre", ["n", width]), out]), ["n", width]);
}

/** hook_z -> hook_result `[n, head, d_model]`: what each head writes, without b_O. */
export function headResultGraph(graph: GraphBuilder, tensors: Tensors, spec: ModelSpec, layer: number): void {
  const { heads, headWidth, width } = spec.facts;
  const { weight, layout } = spec.block(layer).out;
  const perHead =
    layout === "in_out"
      ? graph.weight(tensors(weight), [heads, headWidth, width])
      : graph.transpose(graph.weight(tensors(weight), [width, heads, headWidth]), [1, 2, 0]);
  const z = graph.reshape(graph.input("z", ["n", heads * headWidth]), [-1, heads, headWidth]);
  const result = graph.op("MatMul", [graph.transpose(z, [1, 0, 2]), perHead]);
  graph.output("result", graph.transpose(result, [1, 0, 2]), ["n", heads, width]);
}

/** hook_resid_mid -> hook_mlp_out and hook_resid_post; `withHidden` adds mlp.hook_pre and mlp.hook_post. */
export function mlpGraph(
  graph: GraphBuilder,
  tensors: Tensors,
  spec: ModelSpec,
  layer: number,
  withHidden: boolean,
): void {
  const { width, mlpWidth } = spec.facts;
  const block = spec.block(layer);
  const x = graph.input("resid_mid", ["n", width]);
  const { pre, post, out } = mlp(graph, tensors, block.mlp, norm(graph, tensors, spec.facts, block.norm2, x));
  graph.output("mlp_out", out, ["n", width]);
  graph.output("resid_post", graph.op("Add", [x, out]), ["n", width]);
  if (withHidden) {
    graph.output("pre", pre, ["n", mlpWidth]);
    graph.output("post", post, ["n", mlpWidth]);
  }
}
