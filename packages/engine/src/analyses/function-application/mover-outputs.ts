import type { ModelFacts } from "../../architectures/architecture.ts";
import { feedsMlp, firstMlpAfter } from "../../hooks/block-order.ts";
import { hookName, mlpReads } from "../../hooks/hook-points.ts";
import { inGroups } from "../../math/in-groups.ts";
import type { PassResult } from "../../planner/forward-pass.ts";
import type { HeadReport, RunReport } from "../../results/report.ts";
import type { PreparedPrompt } from "../../tasks/prepare.ts";
import type { FurtherContext } from "../further.ts";

export type MoverHead = Pick<HeadReport, "label" | "layer" | "head">;

/** The run's mover heads, strongest first. */
export const moverHeads = ({ argumentPassing }: Pick<RunReport, "argumentPassing">): MoverHead[] =>
  argumentPassing.heads
    .filter(({ mover }) => mover)
    .sort((a, b) => a.rank - b.rank)
    .map(({ label, layer, head }) => ({ label, layer, head }));

/** Why there is nothing to say without mover heads. */
export const noMovers = ({ task }: Pick<RunReport, "task">): string =>
  task.sufficient
    ? "no mover head was found: nothing is known to bring the argument"
    : "too few known facts to name mover heads";

/** Layers whose MLP reads what a mover head brings: from the earliest one on. */
export function layersAfter(
  movers: readonly MoverHead[],
  model: Pick<ModelFacts, "layers" | "block">,
): number[] {
  const { layers } = model;
  const first = Math.min(layers, ...movers.map(({ layer }) => firstMlpAfter(layer, model)));
  return Array.from({ length: layers - first }, (_, i) => first + i);
}

/** Means over prompts at the last position, one fact at a time. */
export interface MoverOutputs {
  /** Facts that were admitted, by place in the list asked for; the lists below follow it. */
  admitted: number[];
  /** Per fact, what each mover head writes: `[mover * d_model]`. */
  heads: Float32Array[];
  /** Per fact, MLP outputs: `[layer * d_model]`. */
  mlps: Float32Array[];
  /** What the MLP reads, mean over facts: `[layer * d_model]`. */
  middle: Float64Array;
}

const FACTS_PER_STEP = 4;

/**
 * Clean passes over the prompts of each fact. @param admit which facts to keep, judged by their passes, which also capture the last
 * hook_resid_post
 */
export async function measureMovers(
  asked: readonly (readonly PreparedPrompt[])[],
  movers: readonly MoverHead[],
  layers: readonly number[],
  { model, execute }: Pick<FurtherContext, "model" | "execute">,
  admit: (fact: number, results: readonly PassResult[]) => Promise<boolean> = async () => true,
): Promise<MoverOutputs> {
  const { width } = model;
  const hooks = [
    ...[...new Set(movers.map(({ layer }) => layer))].map((layer) => hookName("attn.hook_result", layer)),
    ...layers.flatMap((layer) => [hookName(mlpReads(model), layer), hookName("hook_mlp_out", layer)]),
  ];
  const final = hookName("hook_resid_post", model.layers - 1);
  const capture = [...hooks, final].map((hook) => ({ hook, positions: "last" as const }));
  const out: MoverOutputs = {
    admitted: [],
    heads: [],
    mlps: [],
    middle: new Float64Array(layers.length * width),
  };
  for (const group of inGroups([...asked.entries()], FACTS_PER_STEP)) {
    const passes = group.flatMap(([, prompts]) => prompts.map(({ tokens }) => ({ tokens, capture })));
    const results = await execute(passes);
    let at = 0;
    for (const [fact, prompts] of group) {
      const own = results.slice(at, at + prompts.length);
      at += prompts.length;
      if (!(await admit(fact, own))) continue;
      const mean = (hook: ReturnType<typeof hookName>, from: number, to: number) =>
        meanOf(own.map(({ captures }) => captures.get(hook)!.subarray(from, to)));
      out.admitted.push(fact);
      out.heads.push(
        joined(
          movers.map(({ layer, head }) =>
            mean(hookName("attn.hook_result", layer), head * width, (head + 1) * width),
          ),
        ),
      );
      out.mlps.push(joined(layers.map((layer) => mean(hookName("hook_mlp_out", layer), 0, width))));
      for (const [l, layer] of layers.entries()) {
        const middle = mean(hookName(mlpReads(model), layer), 0, width);
        for (let d = 0; d < width; d++) out.middle[l * width + d]! += middle[d]!;
      }
    }
  }
  for (let i = 0; i < out.middle.length; i++) out.middle[i]! /= Math.max(1, out.admitted.length);
  return out;
}

/** Sum of some heads' outputs for each fact: the argument a. `chosen` are places in the list of movers. */
export const argumentsOf = (
  heads: readonly Float32Array[],
  chosen: readonly number[],
  width: number,
): Float32Array[] =>
  heads.map((own) => {
    const out = new Float32Array(width);
    for (const k of chosen) for (let d = 0; d < width; d++) out[d]! += own[k * width + d]!;
    return out;
  });

/** rbar of a layer: mean over facts of what its MLP reads without what the mover heads before it write. */
export function contextOf(
  { middle, heads }: MoverOutputs,
  movers: readonly MoverHead[],
  layers: readonly number[],
  l: number,
  model: Pick<ModelFacts, "width" | "block">,
): Float64Array {
  const { width } = model;
  const out = middle.slice(l * width, (l + 1) * width);
  for (const [k, { layer }] of movers.entries()) {
    if (!feedsMlp(layer, layers[l]!, model)) continue;
    for (const own of heads) for (let d = 0; d < width; d++) out[d]! -= own[k * width + d]! / heads.length;
  }
  return out;
}

/**
 * F(a) = m(context + a) - m(context) with the model's own MLP, for each argument, `[argument * d_model]`, and by how much rounding may move an
 * entry's length (`[argument]`).
 */
export async function applyMlp(
  layer: number,
  context: Float64Array,
  args: readonly Float32Array[],
  { measured, model, execute }: Pick<FurtherContext, "measured" | "model" | "execute">,
): Promise<{ values: Float32Array; rounding: Float64Array }> {
  const { width } = model;
  // An MLP sees one position only: the shortest prompt serves.
  const tokens = measured[0]!.prompts[0]!.tokens.slice(0, 1);
  const [input, output] = [hookName("hook_mlp_in", layer), hookName("hook_mlp_out", layer)];
  const results = await execute(
    [new Float32Array(width), ...args].map((argument) => ({
      tokens,
      edits: [
        { hook: input, position: -1, scale: 0, value: argument.map((value, d) => value + context[d]!) },
      ],
      capture: [{ hook: output, positions: "last" as const }],
    })),
  );
  const [base, ...written] = results.map(({ captures }) => captures.get(output)!) as [
    Float32Array,
    ...Float32Array[],
  ];
  const values = new Float32Array(args.length * width);
  const rounding = new Float64Array(args.length);
  for (const [i, own] of written.entries()) {
    let squares = 0;
    for (let d = 0; d < width; d++) {
      values[i * width + d] = own[d]! - base[d]!;
      squares += own[d]! ** 2 + base[d]! ** 2;
    }
    rounding[i] = ROUNDING * Math.sqrt(squares);
  }
  return { values, rounding };
}

/** Relative error that sums of float32 numbers may have. */
export const ROUNDING = 1e-6;

function meanOf(rows: readonly Float32Array[]): Float32Array {
  const total = new Float64Array(rows[0]!.length);
  for (const row of rows) for (let d = 0; d < total.length; d++) total[d]! += row[d]!;
  return Float32Array.from(total, (value) => value / rows.length);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
