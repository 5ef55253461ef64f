import { hookName } from "../../hooks/hook-points.ts";
import { shapley3 } from "../../math/shapley.ts";
import type { Estimate } from "../../results/estimate.ts";
import type { FinalLayerReport } from "../../results/report.ts";
import { type AnalysisContext, defineAnalysis, SUFFICIENT_FACTS } from "../analysis.ts";
import { attentionBias } from "../attention-bias.ts";
import { meanOverPrompts, meansOverPrompts } from "../per-fact.ts";
import { alphaSweeps, type SweepRow } from "./alpha-sweep.ts";
import { DELTA, isBelowZero, trainTest } from "./judging.ts";

interface Measurement {
  /** The last block at the last position. */
  parts: SweepRow[];
  logProbChange: number[];
  rankChange: number[];
  entropyChange: number[];
  /** Shapley shares of logProbChange, `[prompt][heads, mlp, scale]`. */
  shares: [number, number, number][];
  /** Per prompt and head: on the answer (centred), the mean over the other candidates (NaN where there is none), and the difference. */
  headAnswer: Float64Array[];
  headOthers: Float64Array[];
  headContrast: Float64Array[];
  mlpAnswer: number[];
}

/**
 * What the last block does to the answer's log-probability: from the lens before it to the model's own output, split into heads (with the
 * attention's bias), MLP and the change of the final norm's scale by Shapley values over the 8 combinations; who suppresses; and what scaling
 * heads or MLP by alpha would change (chosen on half of the facts, reported on the others, beside a temperature).
 */
export const finalLayer = defineAnalysis<Measurement, FinalLayerReport>({
  id: "final-layer",
  title: "Final layer",
  mechanism: "final layer",
  summary:
    "How the last block holds the answer back or pushes it, and what scaling its heads or MLP would do.",

  passes: ({ tokens }, { model }) => {
    const last = model.layers - 1;
    const hooks = ["hook_resid_pre", "attn.hook_result", "hook_attn_out", "hook_mlp_out"] as const;
    return [{ tokens, capture: hooks.map((point) => ({ hook: hookName(point, last), positions: "last" })) }];
  },

  async measure({ prompts }, results, context) {
    const { model, candidates, instruments } = context;
    const last = model.layers - 1;
    const directions = await instruments.directions(candidates);
    const out: Measurement = {
      parts: [],
      logProbChange: [],
      rankChange: [],
      entropyChange: [],
      shares: [],
      headAnswer: [],
      headOthers: [],
      headContrast: [],
      mlpAnswer: [],
    };
    for (const [i, prompt] of prompts.entries()) {
      const { captures } = results[i]![0]!;
      const get = (point: "hook_resid_pre" | "hook_attn_out" | "hook_mlp_out" | "attn.hook_result") =>
        captures.get(hookName(point, last))!;
      const [pre, attention, mlp, result] = [
        get("hook_resid_pre"),
        get("hook_attn_out"),
        get("hook_mlp_out"),
        get("attn.hook_result"),
      ];
      const bias = attentionBias(attention, result, model.heads, model.width);
      const read = await coalitions(pre, attention, mlp, prompt.answerToken, context);
      out.parts.push({ answer: prompt.answerToken, pre, attention, bias, mlp });
      out.shares.push(shapley3(read.logProb));
      out.logProbChange.push(read.logProb[7]! - read.logProb[0]!);
      out.rankChange.push(read.rank[7]! - read.rank[0]!);
      out.entropyChange.push(read.entropy[7]! - read.entropy[0]!);

      const rows = new Float32Array((model.heads + 1) * model.width);
      rows.set(result);
      rows.set(mlp, result.length);
      const attribution = await instruments.product(rows, directions, model.width);
      const answer = candidates.indexOf(prompt.answerToken);
      const sigma = read.finalScale;
      const [headAnswer, headOthers] = [new Float64Array(model.heads), new Float64Array(model.heads)];
      for (let head = 0; head < model.heads; head++) {
        for (let c = 0; c < candidates.length; c++) {
          const value = attribution[head * candidates.length + c]! / sigma;
          if (c === answer) headAnswer[head] = value;
          else headOthers[head]! += value / (candidates.length - 1);
        }
        if (candidates.length < 2) headOthers[head] = Number.NaN;
      }
      out.headAnswer.push(headAnswer);
      out.headOthers.push(headOthers);
      out.headContrast.push(headAnswer.map((value, head) => value - headOthers[head]!));
      out.mlpAnswer.push(attribution[model.heads * candidates.length + answer]! / sigma);
    }
    return out;
  },

  async aggregate(measurements, context) {
    const { model } = context;
    const over = (pick: (m: Measurement) => number[]) =>
      meanOverPrompts(measurements.map(pick), context, "no known fact");
    const logProbChange = over((m) => m.logProbChange);
    const overHeads = (pick: (m: Measurement) => Float64Array[]) =>
      meansOverPrompts(measurements.map(pick), model.heads, context, "the task has one answer only");
    const others = overHeads((m) => m.headOthers);
    const contrast = overHeads((m) => m.headContrast);
    const sufficient = measurements.length >= SUFFICIENT_FACTS;
    const split = trainTest(context);
    const { sweeps, temperature } = await alphaSweeps(
      measurements.map((m) => m.parts),
      split,
      context,
    );
    return {
      layer: model.layers - 1,
      logProbChange,
      rankChange: over((m) => m.rankChange),
      entropyChange: over((m) => m.entropyChange),
      headPart: over((m) => m.shares.map(([head]) => head)),
      mlpPart: over((m) => m.shares.map(([, mlp]) => mlp)),
      scalePart: over((m) => m.shares.map(([, , scale]) => scale)),
      heads: overHeads((m) => m.headAnswer).map((dlaAnswer, head) => ({
        head,
        label: `L${model.layers - 1}H${head}`,
        dlaAnswer,
        dlaCandidates: others[head]!,
        suppressor: sufficient && isBelowZero(dlaAnswer) && isBelowZero(contrast[head]!),
      })),
      mlpDla: over((m) => m.mlpAnswer),
      sweeps,
      temperature,
      suppression: sufficient ? suppressionOf(logProbChange) : "INCONCLUSIVE",
    };
  },
});

/** log p, rank and entropy of the answer for all 8 combinations: bit 0 heads, bit 1 MLP, bit 2 the final scale instead of that of `pre`. */
async function coalitions(
  pre: Float32Array,
  heads: Float32Array,
  mlp: Float32Array,
  answer: number,
  { instruments }: AnalysisContext,
) {
  const width = pre.length;
  const rows = new Float32Array(8 * width);
  for (let mask = 0; mask < 8; mask++) {
    for (let d = 0; d < width; d++) {
      // Summed in the model's own order, so that the full combination is its final residual.
      const mid = mask & 1 ? Math.fround(pre[d]! + heads[d]!) : pre[d]!;
      rows[mask * width + d] = mask & 2 ? mid + mlp[d]! : mid;
    }
  }
  const own = instruments.scales(rows);
  const scales = Float64Array.from({ length: 8 }, (_, mask) => (mask & 4 ? own[3]! : own[0]!));
  const read = await instruments.read(
    instruments.normalise(rows, scales),
    Array.from({ length: 8 }, () => [answer]),
    1,
  );
  return {
    logProb: Float64Array.from({ length: 8 }, (_, mask) => read.logit[mask]! - read.logSumExp[mask]!),
    rank: read.rank,
    entropy: read.entropy,
    finalScale: own[3]!,
  };
}

/** Interval below 0: observed. Above 0, or within +-0.05 nats around it: not observed. Else the data do not say. */
export function suppressionOf({
  low,
  high,
}: Pick<Estimate, "low" | "high">): FinalLayerReport["suppression"] {
  if (low === null || high === null) return "INCONCLUSIVE";
  if (high < 0) return "OBSERVED";
  return low > 0 || (low > -DELTA && high < DELTA) ? "NOT_OBSERVED" : "INCONCLUSIVE";
}
