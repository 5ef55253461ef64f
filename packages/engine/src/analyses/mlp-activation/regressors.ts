import type { ModelFacts } from "../../architectures/architecture.ts";
import { lastAttentionBefore } from "../../hooks/block-order.ts";
import { type HookName, hookName, mlpReads } from "../../hooks/hook-points.ts";
import { centreRows } from "../../math/vectors.ts";
import type { PassResult } from "../../planner/forward-pass.ts";
import type { RegressorScale, RegressorSet } from "../../results/decomposition-views.ts";
import type { Problem } from "./fit.ts";

export interface ViewProblem extends Problem {
  layer: number;
  set: RegressorSet;
}

/** Columns of numbers per prompt, `[column, d_model]`, and the regressions among them. */
export interface Design {
  scale: RegressorScale;
  labels: readonly string[];
  /** Problems whose regressors are each the first of the next one's. */
  families: readonly (readonly ViewProblem[])[];
  columns(result: PassResult): Float32Array;
  /** ln designs: the layer whose norm divides the regressors. */
  layer: number | null;
}

/** What the columns of all designs are made of, at the last position. */
export const designCaptures = (model: ModelFacts, layers: readonly number[]): HookName[] => {
  const last = Math.max(...layers);
  return [
    hookName("hook_resid_pre", 0),
    ...Array.from({ length: last + 1 }, (_, layer) => [
      hookName("attn.hook_result", layer),
      hookName("hook_mlp_out", layer),
    ]).flat(),
    ...layers.flatMap((layer) => [hookName(mlpReads(model), layer), hookName("ln2.hook_scale", layer)]),
    hookName("hook_resid_post", model.layers - 1),
  ];
};

/** Scale of the norm before a layer's MLP: what divides the regressors of `ln` designs. */
export const mlpScale = ({ captures }: PassResult, layer: number): number =>
  captures.get(hookName("ln2.hook_scale", layer))![0]!;

/** R2 and R4 of the given layers, one family each: embedding, then heads and MLP layer by layer. */
export function completeDesign(model: ModelFacts, layers: readonly number[], lnLayer: number | null): Design {
  const { heads, width } = model;
  const last = Math.max(...layers);
  const head = (layer: number, h: number) => 1 + layer * (heads + 1) + h;
  const mlp = (layer: number) => head(layer, heads);
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  const labels = [
    "embedding",
    ...range(0, last + 1).flatMap((layer) => [
      ...range(0, heads).map((h) => `L${layer}H${h}`),
      `MLP${layer}`,
    ]),
  ];
  const headsUpTo = (layer: number) =>
    range(0, lastAttentionBefore(layer, model) + 1).flatMap((l) => range(0, heads).map((h) => head(l, h)));
  const before = (layer: number) => range(0, model.block === "parallel" ? head(layer, 0) : mlp(layer));
  // With ln the layer's own MLP is the target and is not divided: it is the last column.
  const columns = (result: PassResult) => {
    const out = new Float32Array(labels.length * width);
    const get = (hook: HookName) => result.captures.get(hook)!;
    out.set(get(hookName("hook_resid_pre", 0)));
    for (let layer = 0; layer <= last; layer++) {
      out.set(get(hookName("attn.hook_result", layer)), head(layer, 0) * width);
      out.set(get(hookName("hook_mlp_out", layer)), mlp(layer) * width);
    }
    return prepared(out, mlp(last), result, lnLayer, model);
  };
  const family = (set: RegressorSet, regressors: (layer: number) => number[]) =>
    layers.map((layer) => ({ layer, set, regressors: regressors(layer), target: mlp(layer) }));
  return {
    scale: lnLayer === null ? "raw" : "ln",
    labels,
    families: [family("R2", headsUpTo), family("R4", before)],
    columns,
    layer: lnLayer,
  };
}

/** R1 (heads of the last attention that the MLP reads: its own block's, or a parallel block's predecessor's), R3 and R5 of one layer: few columns, so that they can be divided by each layer's own norm. */
export function layerDesign(
  model: ModelFacts,
  layer: number,
  movers: readonly { layer: number; head: number }[],
  scale: RegressorScale,
): Design {
  const { heads, width } = model;
  const attention = lastAttentionBefore(layer, model);
  const state = mlpReads(model);
  const earlier = movers.filter((mover) => mover.layer < attention);
  const own = movers.filter((mover) => mover.layer === attention).map(({ head }) => head);
  const firstEarlier = heads;
  const rest = firstEarlier + earlier.length;
  const [mlps, embedding, mid, target] = [rest + 1, rest + 2, rest + 3, rest + 4];
  const labels = [
    ...Array.from({ length: heads }, (_, h) => `L${attention}H${h}`),
    ...earlier.map((mover) => `L${mover.layer}H${mover.head}`),
    "rest",
    "MLPs",
    "embedding",
    state.replace("hook_", ""),
    `MLP${layer}`,
  ];
  const columns = (result: PassResult) => {
    const get = (hook: HookName) => result.captures.get(hook)!;
    const out = new Float32Array(labels.length * width);
    const column = (at: number) => out.subarray(at * width, (at + 1) * width);
    const add = (to: Float32Array, vector: Float32Array) => {
      for (let i = 0; i < width; i++) to[i]! += vector[i]!;
    };
    for (let l = 0; l <= attention; l++) {
      const results = get(hookName("attn.hook_result", l));
      for (let h = 0; h < heads; h++) {
        const vector = results.subarray(h * width, (h + 1) * width);
        if (l === attention) column(h).set(vector);
        const mover = earlier.findIndex((m) => m.layer === l && m.head === h);
        if (mover >= 0) column(firstEarlier + mover).set(vector);
        else if (l < attention || !own.includes(h)) add(column(rest), vector);
      }
    }
    for (let l = 0; l < layer; l++) add(column(mlps), get(hookName("hook_mlp_out", l)));
    column(embedding).set(get(hookName("hook_resid_pre", 0)));
    column(mid).set(get(hookName(state, layer)));
    column(target).set(get(hookName("hook_mlp_out", layer)));
    return prepared(out, target, result, scale === "ln" ? layer : null, model);
  };
  const problem = (set: RegressorSet, regressors: number[]) => [{ layer, set, regressors, target }];
  const moverColumns = [...own, ...earlier.map((_, i) => firstEarlier + i)];
  return {
    scale,
    labels,
    families: [
      problem(
        "R1",
        Array.from({ length: heads }, (_, h) => h),
      ),
      problem("R3", [...moverColumns, rest, ...(layer > 0 ? [mlps] : []), embedding]),
      problem("R5", [mid]),
    ],
    columns,
    layer: scale === "ln" ? layer : null,
  };
}

/** Centred where the norm is a LayerNorm; all but the target divided by a layer's scale. */
function prepared(
  columns: Float32Array,
  target: number,
  result: PassResult,
  lnLayer: number | null,
  { width, norm }: ModelFacts,
): Float32Array {
  if (norm.kind === "layernorm") centreRows(columns, width);
  if (lnLayer !== null) {
    const scale = mlpScale(result, lnLayer);
    for (let i = 0; i < columns.length; i++)
      if (i < target * width || i >= (target + 1) * width) columns[i]! /= scale;
  }
  return columns;
}
