import { lastAttentionBefore } from "../../hooks/block-order.ts";
import { hookName } from "../../hooks/hook-points.ts";
import { meanOfRows } from "../../math/vectors.ts";
import type { PassResult } from "../../planner/forward-pass.ts";
import type { FurtherContext } from "../further.ts";

const FACTS_PER_STEP = 4;

export interface FittedPrompt {
  tokens: readonly number[];
  /** Place of the answer among the candidates. */
  answer: number;
  /** The MLP's output m, `[d_model]`. */
  output: Float32Array;
  /** Xw of each fit. */
  explained: Float64Array[];
  /** What the checked heads wrote, of prompts that the weight check uses. */
  heads: Float32Array[];
}

/** A layer with the run's decompositions of its MLP, and what they say of each prompt. */
export interface FittedLayer {
  layer: number;
  /** Per fact, per prompt. */
  facts: FittedPrompt[][];
  mean: Float32Array;
  fits: { regressors: "R1" | "R2"; intercept: Float64Array }[];
  /** Own heads of the layer and the movers before it. */
  checked: { layer: number; head: number; label: string; weightR1: number | null; weightR2: number | null }[];
}

/** Runs the clean prompts and splits every m by the weights that the run found. */
export async function fittedLayers(layer: number, context: FurtherContext): Promise<FittedLayer> {
  const { report, model, measured, facts, candidates, settings, execute } = context;
  const attention = lastAttentionBefore(layer, model);
  const fits = report.mlpActivation.decompositions
    .filter((fit) => fit.layer === layer)
    .map(({ regressors, weights }) => ({ regressors, weights }));
  const weightIn = (regressors: "R1" | "R2", label: string) =>
    fits.find((fit) => fit.regressors === regressors)?.weights.find((own) => own.label === label)?.weight ??
    null;
  const checked = report.argumentPassing.heads
    .filter((head) => head.layer === attention || (head.mover && head.layer < attention))
    .map(({ layer: l, head, label }) => ({
      ...{ layer: l, head, label },
      weightR1: weightIn("R1", label),
      weightR2: weightIn("R2", label),
    }));
  const capture = Array.from({ length: attention + 1 }, (_, l) => hookName("attn.hook_result", l))
    .concat(hookName("hook_mlp_out", layer))
    .map((hook) => ({ hook, positions: "last" as const }));
  const out: FittedPrompt[][] = [];
  for (let at = 0; at < measured.length; at += FACTS_PER_STEP) {
    const group = measured.slice(at, at + FACTS_PER_STEP);
    const results = await execute(
      group.flatMap(({ prompts }) => prompts.map(({ tokens }) => ({ tokens, capture }))),
    );
    let next = 0;
    for (const { index, prompts } of group) {
      out.push(
        prompts.map(({ tokens }, place): FittedPrompt => {
          const result = results[next++]!;
          return {
            tokens,
            answer: candidates.indexOf(facts[index]!.answerToken),
            output: result.captures.get(hookName("hook_mlp_out", layer))!,
            explained: fits.map(({ weights }) => weighted(weights, result, model.width)),
            heads:
              place < settings.sweepPrompts ? checked.map((head) => written(head, result, model.width)) : [],
          };
        }),
      );
    }
  }
  const rows = out.flat();
  const mean = meanOfRows(rows.map(({ output }) => output));
  return {
    layer,
    facts: out,
    mean: Float32Array.from(mean),
    fits: fits.map(({ regressors }, f) => {
      const explained = meanOfRows(rows.map((row) => row.explained[f]!));
      return { regressors, intercept: mean.map((value, d) => value - explained[d]!) };
    }),
    checked,
  };
}

const written = ({ layer, head }: { layer: number; head: number }, { captures }: PassResult, width: number) =>
  captures.get(hookName("attn.hook_result", layer))!.slice(head * width, (head + 1) * width);

/** sum_k w_k x_k; heads that are not identified belong to the intercept. */
function weighted(
  weights: readonly { layer: number; head: number; weight: number | null }[],
  { captures }: PassResult,
  width: number,
): Float64Array {
  const out = new Float64Array(width);
  for (const { layer, head, weight } of weights) {
    if (weight === null || weight === 0) continue;
    const result = captures.get(hookName("attn.hook_result", layer))!;
    for (let d = 0; d < width; d++) out[d]! += weight * result[head * width + d]!;
  }
  return out;
}
