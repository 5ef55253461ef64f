import { INPUT_HOOK } from "../../gradients/attribution.ts";
import { logitDifference } from "../../gradients/metric.ts";
import { ATTRIBUTION_PATCHING, INTEGRATED_GRADIENTS } from "../../gradients/quadrature.ts";
import { hookName } from "../../hooks/hook-points.ts";
import { sum } from "../../math/statistics.ts";
import type { ForwardPass } from "../../planner/forward-pass.ts";
import type { AttributionAuditReport } from "../../results/attribution-audit.ts";
import type { LabeledArray } from "../../results/labeled-array.ts";
import type { PreparedPrompt } from "../../tasks/prepare.ts";
import type { FurtherContext } from "../further.ts";

const PAIRS_PER_STEP = 16;
const PASSES_PER_STEP = 2048;

/** A prompt with its counterfactual and what was measured on it, in logits; heads in layer-major order. */
export interface AuditedPair {
  prompt: PreparedPrompt & { corrupted: NonNullable<PreparedPrompt["corrupted"]> };
  /** Place of its fact among the measured ones. */
  fact: number;
  clean: number;
  corrupted: number;
  attribution: Float64Array;
  integrated: Float64Array;
  /** Sum of the integrated attributions of all inputs. */
  inputs: number;
  /** NaN where a head was not patched. */
  exact: Float64Array;
}

/** Attributions of all pairs of the measured facts, and the prompts that have none. */
export async function attributePairs(
  context: FurtherContext,
): Promise<{ pairs: AuditedPair[]; excludedPairs: AttributionAuditReport["excludedPairs"] }> {
  const { model, measured, facts, settings } = context;
  const hooks = Array.from({ length: model.layers }, (_, layer) => hookName("attn.hook_z", layer));
  const lastRow = (scores: ReadonlyMap<string, Float64Array>) =>
    Float64Array.from(hooks.flatMap((hook) => [...scores.get(hook)!.subarray(-model.heads)]));
  const excludedPairs: AttributionAuditReport["excludedPairs"] = [];
  const drawn: Pick<AuditedPair, "prompt" | "fact">[] = [];
  for (const [fact, { index, prompts }] of measured.entries()) {
    for (const prompt of [...prompts].sort((a, b) => a.index - b.index).slice(0, settings.sweepPrompts)) {
      const { corrupted } = prompt;
      if (corrupted) drawn.push({ fact, prompt: { ...prompt, corrupted } });
      else
        excludedPairs.push({
          prompt: prompt.index,
          reason: `no donor has as many subject tokens as ${facts[index]!.subject}`,
        });
    }
  }
  const pairs: AuditedPair[] = [];
  for (let from = 0; from < drawn.length; from += PAIRS_PER_STEP) {
    const group = drawn.slice(from, from + PAIRS_PER_STEP);
    const asked = group.map(({ prompt: { tokens, answerToken, corrupted } }) => ({
      clean: tokens,
      corrupted: corrupted.tokens,
      metric: logitDifference(answerToken, corrupted.wrongToken),
    }));
    const once = await context.attributions(asked, hooks, ATTRIBUTION_PATCHING);
    const integrated = await context.attributions(asked, [...hooks, INPUT_HOOK], INTEGRATED_GRADIENTS);
    for (const [i, pair] of group.entries()) {
      pairs.push({
        ...pair,
        clean: once[i]!.clean,
        corrupted: once[i]!.corrupted,
        attribution: lastRow(once[i]!.scores),
        integrated: lastRow(integrated[i]!.scores),
        inputs: sum(integrated[i]!.scores.get(INPUT_HOOK)!),
        exact: new Float64Array(hooks.length * model.heads).fill(Number.NaN),
      });
    }
    context.progress(pairs.length, 2 * drawn.length);
  }
  return { pairs, excludedPairs };
}

/** Fills in what each head's clean z at the last position adds to the corrupted run's metric. */
export async function patchExactly(
  pairs: readonly AuditedPair[],
  heads: readonly number[],
  context: FurtherContext,
): Promise<void> {
  const size = Math.max(1, Math.floor(PASSES_PER_STEP / (heads.length + 2)));
  for (let from = 0; from < pairs.length; from += size) {
    const group = pairs.slice(from, from + size);
    const passes = group.flatMap(({ prompt }, i): ForwardPass[] => {
      const clean = i * (heads.length + 2);
      const query = { tokens: [prompt.answerToken, prompt.corrupted.wrongToken] };
      const { tokens } = prompt.corrupted;
      return [
        { tokens: prompt.tokens },
        { tokens, query },
        ...heads.map((place) => ({
          tokens,
          query,
          edits: [
            {
              hook: hookName("attn.hook_z", Math.floor(place / context.model.heads)),
              head: place % context.model.heads,
              position: -1,
              scale: 0,
              value: { pass: clean },
            },
          ],
        })),
      ];
    });
    const results = await context.execute(passes);
    for (const [i, pair] of group.entries()) {
      const metric = (pass: number) => {
        const { queried } = results[i * (heads.length + 2) + pass]!;
        return queried![0]! - queried![1]!;
      };
      for (const [h, place] of heads.entries()) pair.exact[place] = metric(2 + h) - metric(1);
    }
    context.progress(pairs.length + from + group.length, 2 * pairs.length);
  }
}

/** `[prompt, layer, head]`, in logits. */
export const pairArrays = (pairs: readonly AuditedPair[], { model }: FurtherContext): LabeledArray[] =>
  (["attribution", "integrated", "exact"] as const).map((key) => ({
    name: `attribution-audit.${key}`,
    unit: "logit",
    axes: [
      { dim: "prompt", labels: pairs.map(({ prompt }) => String(prompt.index)) },
      { dim: "layer", labels: Array.from({ length: model.layers }, (_, layer) => String(layer)) },
      { dim: "head", labels: Array.from({ length: model.heads }, (_, head) => String(head)) },
    ],
    values: Float32Array.from(pairs.flatMap((pair) => [...pair[key]])),
  }));
