import type { ModelSpec } from "../architectures/architecture.ts";
import { linear } from "./components/linear.ts";
import { norm } from "./components/norm.ts";
import { softCap } from "./components/soft-cap.ts";
import type { GraphBuilder, Value } from "./graph-builder.ts";
import type { Tensors } from "./tensors.ts";

/** Token ids and positions `[n]` -> hook_embed and, where positions are learned, hook_pos_embed `[n, d_model]`; resid_pre of block 0. */
export function embeddingGraph(graph: GraphBuilder, tensors: Tensors, spec: ModelSpec): void {
  const { width } = spec.facts;
  const { projection, scale, position } = spec.embedding;
  const rows = (name: string, ids: Value) =>
    graph.op("Gather", [graph.weight(tensors(name)), ids], { axis: 0 });
  const stored = rows(spec.embedding.token, graph.input("ids", ["n"], "int64"));
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
  const place = rows(position.weight, shifted);
  graph.output("pos_embed", place, ["n", width]);
  graph.output("resid_pre", graph.op("Add", [token, place]), ["n", width]);
}

/** Final residual `[n, d_model]` -> logits `[n, vocabulary]`. */
export function logitsGraph(graph: GraphBuilder, tensors: Tensors, spec: ModelSpec): void {
  const { facts, finalNorm } = spec;
  const x = norm(graph, tensors, facts, finalNorm, graph.input("resid", ["n", facts.width]), facts.width);
  graph.output("logits", softCap(graph, facts.logitCap, unembed(graph, tensors, spec, x)), [
    "n",
    facts.vocabulary,
  ]);
}

/** Final residual `[n, d_model]` and tokens `[n, k]` -> their logits `[n, k]`, without touching the rest of the vocabulary. */
export function queryGraph(graph: GraphBuilder, tensors: Tensors, spec: ModelSpec): void {
  const { width, logitCap } = spec.facts;
  const { projection, weight } = spec.unembedding;
  const normed = norm(graph, tensors, spec.facts, spec.finalNorm, graph.input("resid", ["n", width]), width);
  const x = projection ? linear(graph, tensors, projection.linear, normed) : normed;
  const rows = graph.op("Gather", [
    graph.weight(tensors(weight)),
    graph.input("tokens", ["n", "k"], "int64"),
  ]);
  const logits = graph.op("MatMul", [rows, graph.reshape(x, [-1, projection?.width ?? width, 1])]);
  const squeezed = graph.op("Squeeze", [logits, graph.ints([2])]);
  graph.output("logits", softCap(graph, logitCap, squeezed), ["n", "k"]);
}

/**
 * Normed rows `[n, d_model]` -> what statistics need of the logits, so that the vocabulary never leaves the graph: logits of `targets`
 * `[n, k]`, number of tokens with a larger logit than `ranked` `[n, r]`, and per row log sum exp, mean, and entropy in nats. `beforeCap`: of the logits
 * before a model's soft cap, which are linear in the normed rows.
 */
export function readoutGraph(
  graph: GraphBuilder,
  tensors: Tensors,
  spec: ModelSpec,
  beforeCap: boolean,
): void {
  const rows = graph.input("rows", ["n", spec.facts.width]);
  const targets = graph.input("targets", ["n", "k"], "int64");
  const ranked = graph.input("ranked", ["n", "r"], "int64");
  const linearLogits = unembed(graph, tensors, spec, rows);
  const logits = beforeCap ? linearLogits : softCap(graph, spec.facts.logitCap, linearLogits);
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

/** Normed rows -> the `count` tokens with the largest logits before a soft cap, `[n, count]`; of the negated rows: the smallest. */
export function topTokensGraph(graph: GraphBuilder, tensors: Tensors, spec: ModelSpec): void {
  const logits = unembed(graph, tensors, spec, graph.input("rows", ["n", spec.facts.width]));
  const [values, ids] = graph.ops(
    "TopK",
    [logits, graph.input("count", [1], "int64")],
    { axis: 1, largest: 1, sorted: 1 },
    2,
  );
  graph.output("values", values!, ["n", "count"]);
  graph.output("ids", ids!, ["n", "count"], "int64");
}

/** Normed rows `[n, d_model]` -> logits `[n, vocabulary]`. */
export function unembedGraph(graph: GraphBuilder, tensors: Tensors, spec: ModelSpec): void {
  const rows = graph.input("rows", ["n", spec.facts.width]);
  const logits = softCap(graph, spec.facts.logitCap, unembed(graph, tensors, spec, rows));
  graph.output("logits", logits, ["n", spec.facts.vocabulary]);
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

function unembed(graph: GraphBuilder, tensors: Tensors, { unembedding }: ModelSpec, x: Value): Value {
  const { projection, weight } = unembedding;
  const rows = projection ? linear(graph, tensors, projection.linear, x) : x;
  return graph.op("Gemm", [rows, graph.weight(tensors(weight))], { transB: 1 });
}
