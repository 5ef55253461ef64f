import { Resampler } from "../math/resampler.ts";
import type { Evidence, MechanismRow } from "../results/comparison.ts";
import { notObserved } from "../results/estimate.ts";
import { headlineFit, headlineIntercept } from "../results/headline-fit.ts";
import type { HeadReport, RunReport, WeightLabel } from "../results/report.ts";
import { concentration } from "./concentration.ts";
import { depthProfile } from "./depth.ts";
import { finalChanges, runKey, sumsByFact } from "./run-facts.ts";
import { judge } from "./verdict.ts";

const LABELS: readonly WeightLabel[] = [
  "amplified",
  "erased",
  "damped",
  "inverted",
  "no evidence",
  "not identifiable",
];

export interface RowOptions {
  /** Evidence of analyses that the report does not hold: each is judged by the same rule and listed after the row's own. */
  evidence?: readonly Evidence[];
  more?: MechanismRow["more"];
  samples?: number;
  /** Draws of other rows, to be used again; takes the place of `samples`. */
  resampler?: Resampler;
}

/** One run as a row of the mechanism table: its key, its headline numbers, and for each step present, absent or inconclusive. */
export function mechanismRow(report: RunReport, options: RowOptions = {}): MechanismRow {
  const { receipt, task, prediction, argumentPassing, mlpActivation, finalLayer } = report;
  const { evidence = [], more = {}, samples = receipt.settings.bootstrapSamples } = options;
  const { resampler = new Resampler(samples, 1) } = options;
  const { layers } = receipt.model;
  const reasons: Record<string, string> = {};
  const topMover = argumentPassing.heads.find(({ label }) => label === argumentPassing.movers[0]) ?? null;
  if (!topMover) reasons.topMover = "no head is a mover";
  const layer = mlpActivation.headlineLayer;
  if (layer === null) reasons.headline = "no MLP has an attribution to the answer";
  const fit = headlineFit(report);
  if (!fit) reasons.decomposition = reasons.headline ?? "the headline layer was not decomposed";
  else if (fit.r2Within === null) reasons["decomposition.r2Within"] = fit.reason ?? "not observed";
  if (fit && fit.r2HeldOut.mean === null)
    reasons["decomposition.r2HeldOut"] = fit.r2HeldOut.reason ?? "not observed";
  const weight = (topMover && fit?.weights.find(({ label }) => label === topMover.label)) ?? null;
  if (fit && !weight)
    reasons["decomposition.topMoverWeight"] =
      reasons.topMover ?? `${topMover!.label} comes after the headline layer ${layer}`;
  const intercept = headlineIntercept(report);
  const missing = notObserved(reasons.decomposition ?? "the headline layer has no intercept");
  const typeGain = intercept?.typeGain ?? missing;
  const own: Evidence[] = [
    passingEvidence(report),
    {
      step: "MLP activation",
      quantity: weight ? `weight of ${weight.label} in MLP${layer}` : "weight of the top mover",
      unit: "weight",
      estimate:
        weight && weight.weight !== null
          ? {
              value: weight.weight,
              low: weight.low,
              high: weight.high,
              n: task.factsKnown,
              ...(weight.low === null && { reason: "no interval below 8 facts" }),
            }
          : notObserved(
              weight
                ? `${weight.label} is not identifiable`
                : (reasons["decomposition.topMoverWeight"] ?? missing.reason!),
            ),
      expected: "either",
      pValue: null,
      pReason: "regressors shuffled over prompts are a further analysis",
    },
    {
      step: "function application",
      quantity: `gain of the intercept of MLP${layer ?? "?"} for the task's answers`,
      unit: "logit",
      estimate: typeGain,
      expected: "positive",
      pValue: null,
      pReason: "task labels can be permuted only over the tasks of a study",
    },
    finalEvidence(report, resampler),
  ];
  return {
    key: runKey(report),
    sufficient: task.sufficient,
    top1: prediction.top1,
    candidateTop1: prediction.candidateTop1,
    medianRank: prediction.medianRank,
    movers: argumentPassing.movers.length,
    topMover: topMover && {
      label: topMover.label,
      effect: topMover.effect,
      attentionToSubject: topMover.attentionToSubject,
    },
    depth: depthProfile(report, { resampler }),
    concentration: concentration(report),
    headline: layer === null ? null : { layer, depth: (layer + 0.5) / layers },
    decomposition: fit && {
      r2Within: fit.r2Within,
      r2HeldOut: fit.r2HeldOut.mean,
      labels: Object.fromEntries(
        LABELS.map((label) => [label, fit.weights.filter(({ verdict }) => verdict === label).length]),
      ) as Record<WeightLabel, number>,
      topMoverWeight: weight && {
        weight: weight.weight,
        low: weight.low,
        high: weight.high,
        verdict: weight.verdict,
      },
    },
    typeGain,
    typeGainOfMean: intercept?.typeGainOfMean ?? missing,
    finalLayer: {
      logProbChange: finalLayer.logProbChange,
      headPart: finalLayer.headPart,
      mlpPart: finalLayer.mlpPart,
      scalePart: finalLayer.scalePart,
      suppressors: finalLayer.heads.filter(({ suppressor }) => suppressor).map(({ label }) => label),
    },
    mitigations: finalLayer.sweeps.map(({ target, bestAlpha, testLogProbGain, testRankChange }) => ({
      target,
      bestAlpha,
      testLogProbGain,
      testRankChange,
    })),
    temperatureGain: finalLayer.temperature.testLogProbGain,
    verdicts: [...own, ...evidence].map((one) => judge(one, task.sufficient)),
    more,
    reasons,
    seconds: receipt.seconds,
    engineVersion: receipt.engineVersion,
    semanticsVersion: receipt.semanticsVersion,
    tokenizerHash: receipt.model.tokenizerHash,
    dtype: receipt.model.dtype,
  };
}

/** The first mover; without one the head that could have the largest effect, so that "absent" speaks for all heads. */
function passingEvidence({ argumentPassing: { heads, movers } }: RunReport): Evidence {
  const reach = ({ effect }: HeadReport) => effect.high ?? Number.NEGATIVE_INFINITY;
  const head =
    heads.find(({ label }) => label === movers[0]) ??
    heads.reduce((best, other) => (reach(other) > reach(best) ? other : best));
  return {
    step: "argument passing",
    quantity: `effect of ${head.label}`,
    unit: "effect",
    estimate: head.effect,
    expected: "positive",
    pValue: head.qValue,
    ...(head.qValue === null && { pReason: "sign flips need two facts with an observed effect" }),
  };
}

function finalEvidence(report: RunReport, resampler: Resampler): Evidence {
  const { finalLayer, receipt } = report;
  const changes = finalChanges(report);
  const base = {
    step: "final layer",
    quantity: `change of log p(answer) in layer ${finalLayer.layer}`,
    unit: "nats",
    estimate: finalLayer.logProbChange,
    expected: "negative",
  } as const;
  if ("reason" in changes) return { ...base, pValue: null, pReason: changes.reason };
  const facts = [...new Set(changes.map(({ fact }) => fact))].sort();
  const { sums, counts } = sumsByFact(changes, facts, (own) => own);
  const pValue = resampler
    .signFlip(facts.length, receipt.settings.seed)
    .pValue(sums.map((sum, i) => sum / counts[i]!));
  return { ...base, pValue, ...(pValue === null && { pReason: "sign flips need two facts" }) };
}
