import type { ModelSpec } from "../../architectures/architecture.ts";
import { MASKED, type ScoreForm } from "../components/attention.ts";
import { softCap } from "../components/soft-cap.ts";
import type { GraphBuilder, Value } from "../graph-builder.ts";
import { softCapBackward } from "./soft-cap.ts";

/**
 * Of causal attention over the last n positions of prompts of equal length: q, k, v (rotated where the model rotates) and d/dz of these rows
 * `[b*n, ...]` -> d/dq, d/dk, d/dv of the same rows. `counts` = [n, s]; `withPast` adds keys and values of the s positions before them,
 * `[b*s, kv_heads*d_head]`, to whose gradients nobody looks. The pattern is computed again. Key-value heads sum over the query heads that read
 * them. No weights.
 */
export function attentionBackwardGraph(
  graph: GraphBuilder,
  spec: ModelSpec,
  form: ScoreForm,
  withPast: boolean,
): void {
  const { heads, kvHeads, headWidth } = spec.facts;
  const group = heads / kvHeads;
  const [queryWidth, keyWidth] = [heads * headWidth, kvHeads * headWidth];
  const counts = graph.input("counts", [2], "int64");
  const [own, past] = graph.ops("Split", [counts, graph.ints([1, 1])], { axis: 0 }, 2) as [Value, Value];
  const op = (type: string, ...input: Value[]) => graph.op(type, input);
  const fused = (a: Value, b: Value, attributes = {}) => graph.op("FusedMatMul", [a, b], attributes);
  const alpha = { float: form.scale };
  /** Rows to `[prompt, kv_head, query head of it (1 for keys and values), position, d_head]`. */
  const split = (name: string, width: number, perKv: number, positions: Value) =>
    graph.transpose(
      op(
        "Reshape",
        graph.input(name, ["n", width]),
        graph.op("Concat", [graph.ints([-1]), positions, graph.ints([kvHeads, perKv, headWidth])], {
          axis: 0,
        }),
      ),
      [0, 2, 3, 1, 4],
    );
  const keyed = (name: string) => {
    const last = split(name, keyWidth, 1, own);
    if (!withPast) return last;
    return graph.op("Concat", [split(`past_${name}`, keyWidth, 1, past), last], { axis: 3 });
  };
  /** Of `[..., query, key]` the part of the keys that are not past. */
  const ofOwnKeys = (value: Value) =>
    withPast ? graph.ops("Split", [value, counted(past, own)], { axis: 4 }, 2)[1]! : value;
  const counted = (...parts: Value[]) => graph.op("Concat", parts, { axis: 0 });
  const rows = (value: Value, width: number) =>
    graph.reshape(graph.transpose(value, [0, 3, 1, 2, 4]), [-1, width]);
  const overGroup = (value: Value) =>
    group === 1 ? value : graph.op("ReduceSum", [value, graph.ints([2])], { keepdims: 1 });

  const [q, dz] = [split("q", queryWidth, group, own), split("d_z", queryWidth, group, own)];
  const [k, v] = [keyed("k"), keyed("v")];
  const square = op("Expand", graph.scalar(MASKED), counted(own, op("Add", own, past)));
  const diagonal = op("Squeeze", op("Add", past, graph.ints([1])));
  const mask = graph.op("Trilu", [square, diagonal], { upper: 1 });
  const scores = softCap(graph, form.cap, fused(q, k, { alpha, transB: 1 }));
  const pattern = graph.op("Softmax", [op("Add", scores, mask)], { axis: -1 });

  const weighted = op("Mul", pattern, fused(dz, v, { transB: 1 }));
  const expected = graph.op("ReduceSum", [weighted, graph.ints([-1])], { keepdims: 1 });
  const dScores = softCapBackward(graph, form.cap, scores, op("Sub", weighted, op("Mul", pattern, expected)));
  graph.output("d_q", rows(fused(dScores, k, { alpha }), queryWidth), ["n", queryWidth]);
  const dk = overGroup(fused(ofOwnKeys(dScores), q, { alpha, transA: 1 }));
  graph.output("d_k", rows(dk, keyWidth), ["n", keyWidth]);
  const dv = overGroup(fused(ofOwnKeys(pattern), dz, { transA: 1 }));
  graph.output("d_v", rows(dv, keyWidth), ["n", keyWidth]);
}
