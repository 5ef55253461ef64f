import type { ModelFacts } from "../../architectures/architecture.ts";
import { type HookName, hookName } from "../../hooks/hook-points.ts";
import type { ForwardPass, PassResult, Positions } from "../../planner/forward-pass.ts";
import { attentionBias } from "../attention-bias.ts";

/** What the last block reads and writes at one position; vectors are `[d_model]`. */
export interface LastLayerRow {
  pre: Float32Array;
  /** All heads together with the attention's bias: hook_attn_out. */
  attention: Float32Array;
  bias: Float32Array;
  mlp: Float32Array;
  /** Each head's part, `[head, d_model]`. */
  heads: Float32Array;
}

const POINTS = ["hook_resid_pre", "attn.hook_result", "hook_attn_out", "hook_mlp_out"] as const;

export const lastResidual = ({ layers }: ModelFacts): HookName => hookName("hook_resid_post", layers - 1);

export const lastLayerPass = (
  tokens: readonly number[],
  { layers }: ModelFacts,
  positions: Positions,
): ForwardPass => ({
  tokens,
  capture: POINTS.map((point) => ({ hook: hookName(point, layers - 1), positions })),
});

/** One row per captured position. */
export function lastLayerRows({ captures }: PassResult, model: ModelFacts): LastLayerRow[] {
  const { layers, heads, width } = model;
  const [pre, result, attention, mlp] = POINTS.map((point) => captures.get(hookName(point, layers - 1))!) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  return Array.from({ length: pre.length / width }, (_, i) => {
    const row = (data: Float32Array, size = width) => data.subarray(i * size, (i + 1) * size);
    const own = {
      pre: row(pre),
      attention: row(attention),
      mlp: row(mlp),
      heads: row(result, heads * width),
    };
    return { ...own, bias: attentionBias(own.attention, own.heads, heads, width) };
  });
}

/** The model's final residual, summed in its own order. */
export const finalResidual = ({ pre, attention, mlp }: Omit<LastLayerRow, "heads">): Float32Array =>
  pre.map((value, d) => Math.fround(value + attention[d]!) + mlp[d]!);

/** Rows one after the other. */
export function stacked(rows: readonly ArrayLike<number>[], width: number): Float32Array {
  const out = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) out.set(row, i * width);
  return out;
}
