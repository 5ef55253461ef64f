import { type HookName, hookName } from "../../hooks/hook-points.ts";
import type { PredictionReport } from "../../results/report.ts";
import { type AnalysisContext, defineAnalysis } from "../analysis.ts";
import { attentionBias } from "../attention-bias.ts";
import { meansOverPrompts } from "../per-fact.ts";

type Report = PredictionReport["directLogitAttribution"];
interface Component {
  label: string;
  kind: "embed" | "head" | "attn_bias" | "mlp";
  layer: number | null;
  head: number | null;
}
interface Measurement {
  /** Per prompt, `[component]`: on the answer against the mean of the other candidates, and against the vocabulary's mean. */
  candidate: Float64Array[];
  centred: Float64Array[];
  completenessError: number;
}

/** All additive parts of the final residual, in writing order. */
export function components(context: Pick<AnalysisContext, "model">, learnedPositions: boolean): Component[] {
  const { layers, heads } = context.model;
  const embed: Component[] = [{ label: "embed", kind: "embed", layer: null, head: null }];
  if (learnedPositions) embed.push({ label: "pos_embed", kind: "embed", layer: null, head: null });
  for (let layer = 0; layer < layers; layer++) {
    for (let head = 0; head < heads; head++)
      embed.push({ label: `L${layer}H${head}`, kind: "head", layer, head });
    embed.push({ label: `L${layer}.attn_bias`, kind: "attn_bias", layer, head: null });
    embed.push({ label: `MLP${layer}`, kind: "mlp", layer, head: null });
  }
  return embed;
}

/**
 * Direct logit attribution under the frozen final norm: component c adds <g (c - mean c) / sigma, u_v - mean u> to the centred logit of v,
 * so that all components and a constant sum to it (Elhage et al. 2021); `completenessError` is by how much they miss it. A soft-capped model's logits are
 * those before the cap.
 */
export const directLogitAttribution = defineAnalysis<Measurement, Report>({
  id: "direct-logit-attribution",
  title: "Direct logit attribution",
  mechanism: "prediction",
  summary: "What each head, MLP and embedding adds to the answer's logit through the final norm as it was.",

  passes: ({ tokens }, { model }) => [
    {
      tokens,
      capture: captures(model.layers, model.learnedPositions).map((hook) => ({ hook, positions: "last" })),
    },
  ],

  async measure({ prompts }, results, { model, candidates, instruments }) {
    const { width, layers, heads } = model;
    const list = components({ model }, model.learnedPositions);
    const directions = await instruments.directions(candidates);
    const constants = await instruments.constants(candidates);
    const final = hookName("hook_resid_post", layers - 1);
    const out: Measurement = { candidate: [], centred: [], completenessError: 0 };
    for (const [i, { answerToken }] of prompts.entries()) {
      const captured = results[i]![0]!.captures;
      const get = (hook: HookName) => captured.get(hook)!;
      const rows = new Float32Array(list.length * width);
      let at = 0;
      const write = (vector: Float32Array) => {
        rows.set(vector, at);
        at += vector.length;
      };
      write(get("hook_embed"));
      if (model.learnedPositions) write(get("hook_pos_embed"));
      for (let layer = 0; layer < layers; layer++) {
        const result = get(hookName("attn.hook_result", layer));
        write(result);
        write(attentionBias(get(hookName("hook_attn_out", layer)), result, heads, width));
        write(get(hookName("hook_mlp_out", layer)));
      }
      const sigma = instruments.scales(get(final))[0]!;
      const attribution = await instruments.product(rows, directions, width);
      const read = await instruments.read(instruments.normalise(get(final)), [[...candidates]], 1, {
        beforeCap: true,
      });
      const answer = candidates.indexOf(answerToken);
      const [candidate, centred] = [new Float64Array(list.length), new Float64Array(list.length)];
      const sums = new Float64Array(candidates.length);
      for (let c = 0; c < list.length; c++) {
        let others = 0;
        for (let t = 0; t < candidates.length; t++) {
          const value = attribution[c * candidates.length + t]! / sigma;
          sums[t]! += value;
          if (t === answer) centred[c] = value;
          else others += value;
        }
        candidate[c] = centred[c]! - others / (candidates.length - 1);
      }
      for (let t = 0; t < candidates.length; t++) {
        const error = Math.abs(sums[t]! + constants[t]! - (read.logit[t]! - read.mean[0]!));
        out.completenessError = Math.max(out.completenessError, error);
      }
      out.candidate.push(candidate);
      out.centred.push(centred);
    }
    return out;
  },

  aggregate(measurements, context) {
    const list = components(context, context.model.learnedPositions);
    const answer = meansOverPrompts(
      measurements.map((m) => m.candidate),
      list.length,
      context,
    );
    const centred = meansOverPrompts(
      measurements.map((m) => m.centred),
      list.length,
      context,
    );
    return {
      metric: "candidate_logit_diff",
      components: list.map((component, c) => ({ ...component, answer: answer[c]!, centred: centred[c]! })),
      completenessError: Math.max(0, ...measurements.map((m) => m.completenessError)),
    };
  },
});

const captures = (layers: number, learnedPositions: boolean): HookName[] => [
  "hook_embed",
  ...(learnedPositions ? (["hook_pos_embed"] as const) : []),
  ...Array.from({ length: layers }, (_, layer) =>
    (["attn.hook_result", "hook_attn_out", "hook_mlp_out"] as const).map((point) => hookName(point, layer)),
  ).flat(),
  hookName("hook_resid_post", layers - 1),
];
