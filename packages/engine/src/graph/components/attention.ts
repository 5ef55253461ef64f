import type { ModelFacts } from "../../architectures/architecture.ts";
import type { GraphBuilder, Value } from "../graph-builder.ts";
import { softCap } from "./soft-cap.ts";

// exp(-1e9 - max) is exactly 0 in float32, whatever the scores: a masked key gets no attention at all.
export const MASKED = -1e9;

/** How q k^T becomes the scores that are masked: times `scale`, and soft-capped. */
export interface ScoreForm {
  scale: number;
  cap?: number;
}

/**
 * Causal attention of whole prompts of equal length. In: q `[b*t, heads*d_head]`, k and v `[b*t, kv_heads*d_head]`, `length` = t; `mask`
 * `[b, heads, t, t]` is added to the scores.
 */
export function denseAttention(
  graph: GraphBuilder,
  facts: ModelFacts,
  form: ScoreForm,
  { q, k, v }: { q: Value; k: Value; v: Value },
  length: Value,
  mask: Value | null,
) {
  const { heads, kvHeads, headWidth } = facts;
  const group = heads / kvHeads;
  const split = (x: Value, per: number[]) =>
    graph.op("Reshape", [
      x,
      graph.op("Concat", [graph.ints([-1]), length, graph.ints([...per, headWidth])], { axis: 0 }),
    ]);
  // Query head h reads key-value head floor(h / group).
  const queries = graph.transpose(split(q, [kvHeads, group]), [0, 2, 3, 1, 4]);
  const keys = graph.transpose(split(k, [kvHeads, 1]), [0, 2, 3, 4, 1]);
  const values = graph.transpose(split(v, [kvHeads, 1]), [0, 2, 3, 1, 4]);
  const causal = graph.op("Add", [
    scores(graph, form, graph.op("MatMul", [queries, keys])),
    causalMask(graph, length, length),
  ]);
  const grouped = () => graph.op("Concat", [graph.ints([-1, kvHeads, group]), length, length], { axis: 0 });
  const masked = mask ? graph.op("Add", [causal, graph.op("Reshape", [mask, grouped()])]) : causal;
  const pattern = graph.op("Softmax", [masked], { axis: -1 });
  const z = graph.transpose(graph.op("MatMul", [pattern, values]), [0, 3, 1, 2, 4]);
  const patternDims = graph.op("Concat", [graph.ints([-1, heads]), length, length], { axis: 0 });
  return {
    z: graph.reshape(z, [-1, heads * headWidth]),
    pattern: graph.op("Reshape", [pattern, patternDims]),
  };
}

/**
 * Causal attention of variants that differ from their base prompt only from some position on. Of each of b base prompts, v variants have
 * n own keys and values `[b*v*n, ...]` after s of the base's `[b, s, kv_heads*d_head]`; their last m positions are queries `[b*v*m, ...]`.
 * `counts` = [b, v, m, n, s]. Pattern out: `[b*v, heads, m, s + n]`; `mask` of that shape is added to the scores.
 */
export function suffixAttention(
  graph: GraphBuilder,
  facts: ModelFacts,
  form: ScoreForm,
  own: { q: Value; k: Value; v: Value },
  past: { k: Value; v: Value },
  counts: Value,
  mask: Value | null,
) {
  const { heads, kvHeads, headWidth } = facts;
  const group = heads / kvHeads;
  const [b, v, m, n, s] = graph.ops("Split", [counts, graph.ints([1, 1, 1, 1, 1])], { axis: 0 }, 5) as [
    Value,
    Value,
    Value,
    Value,
    Value,
  ];
  const dims = (...parts: (Value | number)[]) => dimsOf(graph, parts);
  const shaped = (x: Value, ...parts: (Value | number)[]) => graph.op("Reshape", [x, dims(...parts)]);

  // [b, kv, v, group, m, d]: variants and query heads of one key-value head side by side, so that the past is multiplied once.
  const queries = graph.transpose(shaped(own.q, b, v, m, kvHeads, group, headWidth), [0, 3, 1, 4, 2, 5]);
  const flat = shaped(queries, b, kvHeads, -1, headWidth);
  const pastKeys = graph.transpose(shaped(past.k, b, s, kvHeads, headWidth), [0, 2, 3, 1]);
  const pastValues = graph.transpose(shaped(past.v, b, s, kvHeads, headWidth), [0, 2, 1, 3]);
  const ownKeys = graph.transpose(shaped(own.k, b, v, n, kvHeads, headWidth), [0, 3, 1, 4, 2]);
  const ownValues = graph.transpose(shaped(own.v, b, v, n, kvHeads, headWidth), [0, 3, 1, 2, 4]);

  const pastScores = scores(graph, form, graph.op("MatMul", [flat, pastKeys]));
  const perVariant = shaped(queries, b, kvHeads, v, -1, headWidth);
  const ownScores = shaped(
    scores(graph, form, graph.op("MatMul", [perVariant, ownKeys])),
    b,
    kvHeads,
    v,
    group,
    m,
    n,
  );
  const causal = shaped(graph.op("Add", [ownScores, causalMask(graph, m, n)]), b, kvHeads, -1, n);
  const total = graph.op("Add", [s, n]);
  const all = graph.op("Concat", [pastScores, causal], { axis: -1 });
  const byHead = (x: Value) => graph.transpose(shaped(x, b, v, kvHeads, group, m, total), [0, 2, 1, 3, 4, 5]);
  const masked = mask ? graph.op("Add", [all, shaped(byHead(mask), b, kvHeads, -1, total)]) : all;
  const pattern = graph.op("Softmax", [masked], { axis: -1 });

  const parts = graph.ops("Split", [pattern, dims(s, n)], { axis: -1 }, 2) as [Value, Value];
  const fromPast = shaped(graph.op("MatMul", [parts[0], pastValues]), b, kvHeads, v, -1, headWidth);
  const fromOwn = graph.op("MatMul", [shaped(parts[1], b, kvHeads, v, -1, n), ownValues]);
  const z = shaped(graph.op("Add", [fromPast, fromOwn]), b, kvHeads, v, group, m, headWidth);
  const byVariant = graph.transpose(shaped(pattern, b, kvHeads, v, group, m, total), [0, 2, 1, 3, 4, 5]);
  return {
    z: graph.reshape(graph.transpose(z, [0, 2, 4, 1, 3, 5]), [-1, heads * headWidth]),
    pattern: shaped(byVariant, -1, heads, m, total),
  };
}

/**
 * The same for one own position per variant, the usual case of a sweep at the last position: what is one number per head and variant is multiplied
 * and added in place of thousands of tiny matrix products. `counts` = [b, v, s].
 */
export function singleAttention(
  graph: GraphBuilder,
  facts: ModelFacts,
  form: ScoreForm,
  own: { q: Value; k: Value; v: Value },
  past: { k: Value; v: Value },
  counts: Value,
  mask: Value | null,
) {
  const { heads, kvHeads, headWidth } = facts;
  const group = heads / kvHeads;
  const [b, v, s] = graph.ops("Split", [counts, graph.ints([1, 1, 1])], { axis: 0 }, 3) as [
    Value,
    Value,
    Value,
  ];
  const shaped = (x: Value, ...parts: (Value | number)[]) => graph.op("Reshape", [x, dimsOf(graph, parts)]);
  // Between [b, v, kv, group, x], as rows lie, and [b, kv, v, group, x], as the past is multiplied.
  const swapped = (x: Value) => graph.transpose(x, [0, 2, 1, 3, 4]);

  const q = shaped(own.q, b, v, kvHeads, group, headWidth);
  const [k, value] = [shaped(own.k, b, v, kvHeads, 1, headWidth), shaped(own.v, b, v, kvHeads, 1, headWidth)];
  const pastKeys = graph.transpose(shaped(past.k, b, s, kvHeads, headWidth), [0, 2, 3, 1]);
  const pastValues = graph.transpose(shaped(past.v, b, s, kvHeads, headWidth), [0, 2, 1, 3]);
  const pastProducts = graph.op("MatMul", [shaped(swapped(q), b, kvHeads, -1, headWidth), pastKeys]);
  const pastScores = swapped(shaped(pastProducts, b, kvHeads, v, group, s));
  const ownScores = graph.op("ReduceSum", [graph.op("Mul", [q, k]), graph.ints([4])], { keepdims: 1 });
  const products = graph.op("Concat", [pastScores, ownScores], { axis: -1 });
  const scaled = scores(graph, form, products);
  const total = graph.op("Add", [s, graph.ints([1])]);
  const masked = mask ? graph.op("Add", [scaled, shaped(mask, b, v, kvHeads, group, total)]) : scaled;
  const pattern = graph.op("Softmax", [masked], { axis: -1 });

  const parts = graph.ops("Split", [pattern, dimsOf(graph, [s, 1])], { axis: -1 }, 2) as [Value, Value];
  const fromPast = graph.op("MatMul", [shaped(swapped(parts[0]), b, kvHeads, -1, s), pastValues]);
  const z = graph.op("Add", [
    swapped(shaped(fromPast, b, kvHeads, v, group, headWidth)),
    graph.op("Mul", [parts[1], value]),
  ]);
  return {
    z: graph.reshape(z, [-1, heads * headWidth]),
    pattern: shaped(pattern, -1, heads, 1, total),
  };
}

const dimsOf = (graph: GraphBuilder, parts: readonly (Value | number)[]): Value =>
  graph.op(
    "Concat",
    parts.map((part) => (typeof part === "number" ? graph.ints([part]) : part)),
    { axis: 0 },
  );

const scores = (graph: GraphBuilder, { scale, cap }: ScoreForm, products: Value) =>
  softCap(graph, cap, graph.op("Mul", [products, graph.scalar(scale)]));

/** `[queries, keys]` of the last positions of a prompt: 0 where a key is not after the query, MASKED elsewhere. */
const causalMask = (graph: GraphBuilder, queries: Value, keys: Value) => {
  const all = graph.op("Expand", [graph.scalar(MASKED), graph.op("Concat", [queries, keys], { axis: 0 })]);
  const hidden = graph.op("Add", [graph.op("Sub", [keys, queries]), graph.ints([1])]);
  return graph.op("Trilu", [all, graph.op("Squeeze", [hidden])], { upper: 1 });
};
