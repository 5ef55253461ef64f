import type { Figure } from "../results/figure.ts";
import type { FinalLayerComponentsReport } from "../results/final-layer-components.ts";
import type { MitigationReport, MitigationTarget } from "../results/mitigation.ts";
import { inWords, short } from "./figure-parts.ts";

const RECALL = "Lv et al. 2024, arXiv 2403.19521";

export function componentFigures(report: FinalLayerComponentsReport): Figure[] {
  const { components, neurons, effect, unigram } = report;
  const named = (key: "answerSuppressor" | "frequencyPusher") =>
    [...components, ...neurons]
      .filter((component) => component[key])
      .map(({ label }) => label)
      .join(", ") || "none";
  return [
    {
      id: "components",
      kind: "BARS",
      title: "Parts of the last block",
      unit: "logit",
      unitText: "logits on the answer against the other candidates",
      meaning: "What each part of the last block does for the answer.",
      formula: "DLA(c, answer) - mean over other candidates",
      source: RECALL,
      bars: components.map(({ label, dlaContrast }) => ({ label, estimate: dlaContrast })),
    },
    {
      id: "copy-slope",
      kind: "BARS",
      title: "Copy suppression",
      unit: "weight",
      unitText: "logits written per logit already predicted",
      meaning: `Below 0: takes back what is predicted, whatever it is (over the ${report.slopeTokens} likeliest tokens before the layer).`,
      formula: "slope of DLA(c, v) on the lens logit of v before the layer",
      source: "McDougall et al. 2023, arXiv 2310.04625",
      bars: components.map(({ label, copySlope }) => ({ label, estimate: copySlope })),
    },
    {
      id: "neurons",
      kind: "BARS",
      title: "Neurons of the last MLP",
      unit: "logit",
      unitText: "logits on the answer against the vocabulary's mean",
      meaning: "The neurons with the largest attribution, chosen on the facts they are shown for.",
      formula: "DLA(activation x w_out, answer)",
      source: RECALL,
      bars: neurons.map(({ label, dlaAnswer }) => ({ label, estimate: dlaAnswer })),
    },
    {
      id: "labels",
      kind: "NOTES",
      title: "What the last block does",
      unit: "count",
      unitText: "labels by intervals",
      meaning:
        "Answer suppressors lower the answer more than other candidates; frequency pushers raise frequent tokens.",
      formula: `log f by ${unigram.used ?? "no estimator"}`,
      source: `${RECALL}; Stolfo et al. 2024, arXiv 2406.16254`,
      notes: [
        { label: "answer suppressors", value: named("answerSuppressor") },
        { label: "frequency pushers", value: named("frequencyPusher") },
        { label: "log p(answer)", value: inWords(effect.logProbChange, " nats") },
        { label: "entropy", value: inWords(effect.entropyChange, " nats") },
        { label: "moves towards unigram", value: inWords(effect.towardUnigram, " nats") },
      ],
    },
  ];
}

const nameOf = (target: MitigationTarget): string => target.toLowerCase().replaceAll("_", " ");

/** What was done to the model, each with what it costs elsewhere. */
const changesOf = ({ targets, temperature }: MitigationReport) => [
  ...targets
    .filter(({ reason }) => reason === null)
    .map(({ target, bestAlpha, guards }) => ({
      label: `${nameOf(target)}, alpha ${bestAlpha ?? "-"}`,
      guards,
    })),
  {
    label: `temperature ${temperature.best === null ? "-" : short(temperature.best)}`,
    guards: temperature.guards,
  },
];

function reliabilityFigure(report: MitigationReport): Figure[] {
  if (!report.reliability) return [];
  return [
    {
      id: "reliability",
      kind: "RELIABILITY",
      title: "Reliability of the top token",
      unit: "share",
      unitText: "share of prompts whose top token is the answer, test and unknown facts",
      meaning:
        "On the diagonal the model is right as often as it is sure; above it, it is held back from being sure; below it, it is overconfident.",
      formula:
        "prompts in 10 bins of equal width by p(top); of each bin the mean p(top) and the share right; intervals by facts",
      source: "Guo et al. 2017, arXiv 1706.04599",
      curves: [
        { label: "model as it is", bins: report.reliability },
        ...changesOf(report).flatMap(({ label, guards: { reliability = [] } }) =>
          reliability.length > 0 ? [{ label, bins: reliability }] : [],
        ),
      ],
    },
  ];
}

export function mitigationFigures(report: MitigationReport): Figure[] {
  const measured = report.targets.filter(({ reason }) => reason === null);
  const alphas = measured[0]?.points.map(({ alpha }) => alpha.toFixed(1)) ?? [];
  return [
    {
      id: "curves",
      kind: "LINES",
      title: "Scaling parts of the last block",
      unit: "nats",
      unitText: "mean log p(answer), nats, known facts",
      meaning: "A mechanism that holds the answer back shows as a peak below 1.",
      formula: "r = r_pre + alpha part + rest; only the last block is computed anew",
      source: RECALL,
      axis: "alpha",
      ticks: alphas,
      series: measured.map(({ target, points }) => ({
        label: nameOf(target),
        points: points.map(({ logProb }) => logProb),
      })),
    },
    {
      id: "calibration",
      kind: "BARS",
      title: "Calibration before and after",
      unit: "share",
      unitText: "expected calibration error of the top token, test and unknown facts",
      meaning:
        "How far the top token's probability lies from how often it is right: 0 is honest. A mitigation that raises the answer but also this makes the model overconfident.",
      formula: "sum over 10 bins of equal width: share of prompts x |mean p(top) - share right|",
      source: "Guo et al. 2017, arXiv 1706.04599",
      bars: [
        { label: "model as it is", estimate: report.temperature.guards.calibrationError.before },
        ...changesOf(report).map(({ label, guards }) => ({ label, estimate: guards.calibrationError.after })),
      ],
    },
    ...reliabilityFigure(report),
    {
      id: "verdicts",
      kind: "NOTES",
      title: "On facts that alpha was not chosen on",
      unit: "nats",
      unitText: "gain in log p(answer), nats",
      meaning: "A mitigation that is no better than a temperature only rescales confidence.",
      formula: "alpha and temperature chosen on train facts, gains on test facts",
      source: RECALL,
      notes: [
        { label: "temperature", value: inWords(report.temperature.test.logProb.change, " nats") },
        { label: "suppressors", value: report.suppressors.join(", ") || "none" },
        ...report.targets.map(({ target, reason, bestAlpha, test, overTemperature, verdict }) => ({
          label: nameOf(target),
          value:
            reason ??
            `${verdict.toLowerCase().replaceAll("_", " ")}; alpha ${bestAlpha ?? "-"}: ${inWords(test.logProb.change, " nats")}, over temperature ${inWords(overTemperature)}`,
        })),
      ],
    },
  ];
}
