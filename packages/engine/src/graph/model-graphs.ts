import type { ModelSpec } from "../architectures/architecture.ts";
import { linear } from "./components/linear.ts";
import { norm } from "./components/norm.ts";
import { softCap } from "./components/soft-cap.ts";
import type { GraphBuilder } from "./graph-builder.ts";
import type { Tensors } from "./tensors.ts";

/** Token ids and positions `[n]` -> hook_embed and, where positions are learned, hook_pos_embed `[n, d_model]`; resid_pre of block 0. */
export function embeddingGraph(graph: GraphBuilder, tensors: Tensors, spec: ModelSpec): void {
  const { width } = spec.facts;
  const { projection, scale, position } = spec.embedding;
  const stored = graph.rows(tensors(spec.embedding.token), graph.input("ids", ["n"], "int64"));
  const scaled = scale === undefined ? stored : graph.op("Mul", [stored, graph.scalar(scale)]);
  const token = projection ? linear(graph, tensors, projection.linear, scaled) : scaled;
  graph.output("embed", token, ["n", width]);
  if (!position) {
    graph.output("resid_pre", token, ["n", width]);
    return;
  }
  const shifted = graph.op("Add", [
    graph.input("positions", ["n"], "int64"),
    graph.ints([position.offset], []),
  ]);
  const place = graph.rows(tensors(position.weight), shifted);
  graph.output("pos_embed", place, ["n", width]);
  graph.output("resid_pre", graph.op("Add", [token, place]), ["n", width]);
}

// The matrix of the unembedding is in one graph alone: each graph that read it would hold a copy of its own where it has to be widened.

/** Final residual `[n, d_model]` -> what the unembedding reads, `[n, d_model]`. */
export function finalNormGraph(graph: GraphBuilder, tensors: Tensors, spec: ModelSpec): void {
  const { facts, finalNorm } = spec;
  const resid = graph.input("resid", ["n", facts.width]);
  graph.output("rows", norm(graph, tensors, facts, finalNorm, resid, facts.width), ["n", facts.width]);
}

/** Normed rows `[n, d_model]` -> logits before a model's soft cap, `[n, vocabulary]`. */
export function unembedGraph(graph: GraphBuilder, tensors: Tensors, { facts, unembedding }: ModelSpec): void {
  const { projection, weight } = unembedding;
  const x = graph.input("rows", ["n", facts.width]);
  const rows = projection ? linear(graph, tensors, projection.linear, x) : x;
  const logits = graph.product("Gemm", rows, graph.matrix(tensors(weight)), { transB: 1 });
  graph.output("logits", logits, ["n", facts.vocabulary]);
}

/** Logits before the soft cap -> the model's. No weights. */
export function softCapGraph(graph: GraphBuilder, { facts }: ModelSpec): void {
  const linearLogits = graph.input("linear", ["n", facts.vocabulary]);
  graph.output("logits", softCap(graph, facts.logitCap, linearLogits), ["n", facts.vocabulary]);
}

/** Final residual `[n, d_model]` and tokens `[n, k]` -> their logits `[n, k]`, without touching the rest of the vocabulary. */
export function queryGraph(graph: GraphBuilder, tensors: Tensors, spec: ModelSpec): void {
  const { width, logitCap } = spec.facts;
  const { projection, weight } = spec.unembedding;
  const normed = norm(graph, tensors, spec.facts, spec.finalNorm, graph.input("resid", ["n", width]), width);
  const x = projection ? linear(graph, tensors, projection.linear, normed) : normed;
  const rows = graph.rows(tensors(weight), graph.input("tokens", ["n", "k"], "int64"));
  const logits = graph.op("MatMul", [rows, graph.reshape(x, [-1, projection?.width ?? width, 1])]);
  const squeezed = graph.op("Squeeze", [logits, graph.ints([2])]);
  graph.output("logits", softCap(graph, logitCap, squeezed), ["n", "k"]);
}

/**
 * Logits before the soft cap, `[n, vocabulary]` -> what statistics need of the logits: those of `targets` `[n, k]`, number of tokens with a larger
 * logit than `ranked` `[n, r]`, and per row log sum exp, mean, and entropy in nats. `beforeCap`: of the logits as they come, which are linear in
 * the normed rows. No weights.
 */
export function readoutGraph(graph: GraphBuilder, { facts }: ModelSpec, beforeCap: boolean): void {
  const linearLogits = graph.input("logits", ["n", facts.vocabulary]);
  const targets = graph.input("targets", ["n", "k"], "int64");
  const ranked = graph.input("ranked", ["n", "r"], "int64");
  const logits = beforeCap ? linearLogits : softCap(graph, facts.logitCap, linearLogits);
  const axis = graph.ints([1]);
  const largest = graph.op("ReduceMax", [logits, axis], { keepdims: 1 });
  const shifted = graph.op("Sub", [logits, largest]);
  const exp = graph.op("Exp", [shifted]);
  const sum = graph.op("ReduceSum", [exp, axis], { keepdims: 1 });
  const logSum = graph.op("Log", [sum]);
  const expected = graph.op("Div", [
    graph.op("ReduceSum", [graph.op("Mul", [exp, shifted]), axis], { keepdims: 1 }),
    sum,
  ]);
  graph.output("logit", graph.op("GatherElements", [logits, targets], { axis: 1 }), ["n", "k"]);
  graph.output("log_sum_exp", graph.op("Squeeze", [graph.op("Add", [largest, logSum]), axis]), ["n"]);
  graph.output("mean", graph.op("ReduceMean", [logits, axis], { keepdims: 0 }), ["n"]);
  graph.output("entropy", graph.op("Squeeze", [graph.op("Sub", [logSum, expected]), axis]), ["n"]);
  const own = graph.op("GatherElements", [logits, ranked], { axis: 1 });
  const larger = graph.op("Greater", [
    graph.op("Unsqueeze", [logits, axis]),
    graph.op("Unsqueeze", [own, graph.ints([2])]),
  ]);
  graph.output(
    "rank",
    graph.op("ReduceSum", [graph.op("Cast", [larger], { to: 1 }), graph.ints([2])], { keepdims: 0 }),
    ["n", "r"],
  );
}

/** Logits before the soft cap -> the `count` tokens with the largest ones, `[n, count]`; of negated rows: the smallest. No weights. */
export function topTokensGraph(graph: GraphBuilder, { facts }: ModelSpec): void {
  const logits = graph.input("logits", ["n", facts.vocabulary]);
  const [values, ids] = graph.ops(
    "TopK",
    [logits, graph.input("count", [1], "int64")],
    { axis: 1, largest: 1, sorted: 1 },
    2,
  );
  graph.output("values", values!, ["n", "count"]);
  graph.output("ids", ids!, ["n", "count"], "int64");
}

/** `a` `[m, inner]` times the transpose of `b` `[n, inner]`: `[m, n]`. No weights. */
export function matmulTransBGraph(graph: GraphBuilder): void {
  const [a, b] = [graph.input("a", ["m", "inner"]), graph.input("b", ["n", "inner"])];
  graph.output("product", graph.op("Gemm", [a, b], { transB: 1 }), ["m", "n"]);
}

/**
 * At least two `samples` `[n, column, d]` and orthonormal `contrasts` `[n - 1, n]`, each of sum 0 -> mean over samples less the first one,
 * `shift` `[column, d]`, and sums over samples of products of deviations from the mean, contracted over d, `within` `[column, column]`.
 * Samples are taken relative to the first, so that float32 loses nothing to what they have in common. Products of contrasts sum to those of
 * deviations, and are one fewer. No weights.
 */
export function momentsGraph(graph: GraphBuilder): void {
  const samples = graph.input("samples", ["n", "column", "d"]);
  const contrasts = graph.input("contrasts", ["n_less_1", "n"]);
  const axis = graph.ints([0]);
  const first = graph.op("Slice", [samples, axis, graph.ints([1]), axis]);
  const relative = graph.op("Sub", [samples, first]);
  graph.output("shift", graph.op("ReduceMean", [relative, axis], { keepdims: 0 }), ["column", "d"]);
  const flat = graph.op("MatMul", [contrasts, graph.op("Flatten", [relative], { axis: 1 })]);
  const shape = graph.op("Concat", [graph.ints([-1]), graph.op("Shape", [samples], { start: 1 })], {
    axis: 0,
  });
  const contrasted = graph.op("Reshape", [flat, shape]);
  const products = graph.op("FusedMatMul", [contrasted, contrasted], { transB: 1 });
  graph.output("within", graph.op("ReduceSum", [products, axis], { keepdims: 0 }), ["column", "column"]);
}
