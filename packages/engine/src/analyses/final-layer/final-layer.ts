import { hookName } from "../../hooks/hook-points.ts";
import { seededRandom, shuffled } from "../../math/random.ts";
import { shapley3 } from "../../math/shapley.ts";
import type { FinalLayerReport } from "../../results/report.ts";
import { type Aggregation, type AnalysisContext, defineAnalysis } from "../analysis.ts";
import { meanOverPrompts, meansOverPrompts } from "../per-fact.ts";
import { sweepCurves, temperatureBaseline } from "./mitigation.ts";

/** The last block's parts at the last position of one prompt, each `[d_model]`. */
export interface FinalParts {
  prompt: number;
  answer: number;
  pre: Float32Array;
  /** All heads together with the attention's bias: hook_attn_out. */
  heads: Float32Array;
  bias: Float32Array;
  mlp: Float32Array;
}
interface Measurement {
  parts: FinalParts[];
  logProbChange: number[];
  rankChange: number[];
  entropyChange: number[];
  /** Shapley shares of logProbChange, `[prompt][heads, mlp, scale]`. */
  shares: [number, number, number][];
  /** Per prompt and head: on the answer (centred), and the mean over the other candidates. */
  headAnswer: Float64Array[];
  headOthers: Float64Array[];
  mlpAnswer: number[];
}

/** A change inside +-0.05 nats is none. */
const DELTA = 0.05;

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
      const bias = attention.map((value, d) => {
        let own = value;
        for (let head = 0; head < model.heads; head++) own -= result[head * model.width + d]!;
        return own;
      });
      const read = await coalitions(pre, attention, mlp, prompt.answerToken, context);
      out.parts.push({ prompt: prompt.index, answer: prompt.answerToken, pre, heads: attention, bias, mlp });
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
      }
      out.headAnswer.push(headAnswer);
      out.headOthers.push(headOthers);
      out.mlpAnswer.push(attribution[model.heads * candidates.length + answer]! / sigma);
    }
    return out;
  },

  async aggregate(measurements, context) {
    const { model } = context;
    const over = (pick: (m: Measurement) => number[]) =>
      meanOverPrompts(measurements.map(pick), context, "no known fact");
    const logProbChange = over((m) => m.logProbChange);
    const heads = meansOverPrompts(
      measurements.map((m) => m.headAnswer),
      model.heads,
      context,
    );
    const others = meansOverPrompts(
      measurements.map((m) => m.headOthers),
      model.heads,
      context,
    );
    const split = trainTest(context);
    return {
      layer: model.layers - 1,
      logProbChange,
      rankChange: over((m) => m.rankChange),
      entropyChange: over((m) => m.entropyChange),
      headPart: over((m) => m.shares.map(([head]) => head)),
      mlpPart: over((m) => m.shares.map(([, mlp]) => mlp)),
      scalePart: over((m) => m.shares.map(([, , scale]) => scale)),
      heads: heads.map((dlaAnswer, head) => ({
        head,
        label: `L${model.layers - 1}H${head}`,
        dlaAnswer,
        dlaCandidates: others[head]!,
        suppressor: isSuppressor(dlaAnswer, others[head]!),
      })),
      mlpDla: over((m) => m.mlpAnswer),
      sweeps: await sweepCurves(
        measurements.map((m) => m.parts),
        split,
        context,
      ),
      temperature: await temperatureBaseline(
        measurements.map((m) => m.parts),
        split,
        context,
      ),
      suppression: verdictOf(logProbChange, measurements.length),
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

/** Half of the facts to choose on, half to report on. */
function trainTest({ measured, settings }: Aggregation): boolean[] {
  const order = shuffled(
    measured.map((_, i) => i),
    seededRandom(`train test ${settings.seed}`),
  );
  const train = new Set(order.slice(0, Math.floor(order.length / 2)));
  return measured.map((_, i) => train.has(i));
}

/** Writes against the answer, more than against the other candidates. */
const isSuppressor = (answer: { high: number | null }, others: { value: number | null }) =>
  answer.high !== null && answer.high < 0 && others.value !== null && answer.high < others.value;

function verdictOf(
  { low, high }: { low: number | null; high: number | null },
  facts: number,
): FinalLayerReport["suppression"] {
  if (low === null || high === null || facts < 8) return "INCONCLUSIVE";
  if (high < 0 && !(low > -DELTA)) return "OBSERVED";
  if (low > -DELTA) return "NOT_OBSERVED";
  return "INCONCLUSIVE";
}
