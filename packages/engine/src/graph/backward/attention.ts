import type { ModelSpec } from "../../architectures/architecture.ts";
import type { GraphBuilder, Value } from "../graph-builder.ts";

// exp(-1e9 - max) is exactly 0 in float32, as in the forward pass.
const MASKED = -1e9;

/**
 * Of causal attention over whole prompts of equal length: q, k, v (rotated where the model rotates) and d/dz -> d/dq, d/dk, d/dv, shapes as
 * in `denseAttentionGraph`. The pattern is computed again. Key-value heads sum over the query heads that read them. No weights.
 */
export function denseAttentionBackwardGraph(graph: GraphBuilder, spec: ModelSpec): void {
  const { heads, kvHeads, headWidth } = spec.facts;
  const group = heads / kvHeads;
  const [queryWidth, keyWidth] = [heads * headWidth, kvHeads * headWidth];
  const length = graph.input("length", [1], "int64");
  const op = (type: string, ...input: Value[]) => graph.op(type, input);
  const matmul = (a: Value, b: Value) => op("MatMul", a, b);
  const swapped = (value: Value) => graph.transpose(value, [0, 1, 2, 4, 3]);
  /** Rows to `[prompt, kv_head, query head of it (1 for keys and values), position, d_head]`. */
  const split = (name: string, width: number, perKv: number) =>
    graph.transpose(
      op(
        "Reshape",
        graph.input(name, ["n", width]),
        graph.op("Concat", [graph.ints([-1]), length, graph.ints([kvHeads, perKv, headWidth])], { axis: 0 }),
      ),
      [0, 2, 3, 1, 4],
    );
  const rows = (value: Value, width: number) =>
    graph.reshape(graph.transpose(value, [0, 3, 1, 2, 4]), [-1, width]);
  const overGroup = (value: Value) => graph.op("ReduceSum", [value, graph.ints([2])], { keepdims: 1 });

  const [q, dz] = [split("q", queryWidth, group), split("d_z", queryWidth, group)];
  const [k, v] = [split("k", keyWidth, 1), split("v", keyWidth, 1)];
  const scale = graph.scalar(1 / Math.sqrt(headWidth));
  const square = op("Expand", graph.scalar(MASKED), graph.op("Concat", [length, length], { axis: 0 }));
  const mask = graph.op("Trilu", [square, graph.ints([1], [])], { upper: 1 });
  const scores = op("Add", op("Mul", matmul(q, swapped(k)), scale), mask);
  const pattern = graph.op("Softmax", [scores], { axis: -1 });

  const dPattern = matmul(dz, swapped(v));
  const weighted = op("Mul", pattern, dPattern);
  const expected = graph.op("ReduceSum", [weighted, graph.ints([-1])], { keepdims: 1 });
  const dScores = op("Mul", op("Sub", weighted, op("Mul", pattern, expected)), scale);
  graph.output("d_q", rows(matmul(dScores, k), queryWidth), ["n", queryWidth]);
  graph.output("d_k", rows(overGroup(matmul(swapped(dScores), q)), keyWidth), ["n", keyWidth]);
  graph.output("d_v", rows(overGroup(matmul(swapped(pattern), dz)), keyWidth), ["n", keyWidth]);
}
