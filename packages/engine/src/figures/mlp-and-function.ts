import type { DecompositionViewsReport } from "../results/decomposition-views.ts";
import type { Figure } from "../results/figure.ts";
import type { ImplicitFunctionReport } from "../results/implicit-function.ts";
import type { LinearMapReport } from "../results/linear-map.ts";
import type { RedirectReport } from "../results/redirect.ts";
import type { SurrogatesReport } from "../results/surrogates.ts";
import type { TrajectoriesReport } from "../results/trajectories.ts";
import { bare, inWords, layersFigure, type ModelShape, short } from "./figure-parts.ts";

const RECALL = "Lv et al. 2024, arXiv 2403.19521";

export function decompositionFigures(report: DecompositionViewsReport, model: ModelShape): Figure[] {
  const sets = [...new Set(report.fits.map(({ regressors }) => regressors))];
  const fits = report.fits.filter(({ pooling, scale }) => pooling === "P1" && scale === "raw");
  const headline = fits.find(
    ({ layer, regressors }) => layer === report.headlineLayer && regressors === "R2",
  );
  return [
    layersFigure(
      {
        id: "r2",
        title: "R² held out by fact, by regressor set",
        unit: "r2",
        unitText: "R² on facts left out; below 0 = worse than the mean",
        meaning:
          "R1 the layer's heads, R2 all heads so far, R3 movers and sums of the rest, R4 everything the MLP reads, R5 its input as one vector.",
        formula: "m = sum_k w_k x_k + b + e over the prompts of the task",
        source: RECALL,
      },
      model,
      sets.map((set) => ({
        label: set,
        points: fits
          .filter(({ regressors }) => regressors === set)
          .map(({ layer, r2HeldOutFacts: { mean, reason } }) => ({ layer, estimate: bare(mean, reason) })),
      })),
    ),
    {
      id: "parts",
      kind: "BARS",
      title: `What the parts of MLP${report.headlineLayer ?? "?"} do for the answer`,
      unit: "logit",
      unitText: "logits on the answer against the other candidates, and against the vocabulary's mean",
      meaning:
        "The MLP's direct attribution split by the fit R2: what head weights give, the task's intercept (which cannot prefer one answer to another), and what is left.",
      formula: "DLA(w x), DLA(b), DLA(e)",
      source: RECALL,
      bars: headline
        ? (["mlp", "regressors", "intercept", "residual"] as const).flatMap((part) => [
            { label: `${part}: specific`, estimate: headline.parts[part].candidate },
            { label: `${part}: centred`, estimate: headline.parts[part].centred },
          ])
        : [],
    },
  ];
}

const NAMES = {
  XW_B: "weights and intercept",
  XW: "weights only",
  B: "intercept only",
  XW_B_E: "all parts (exact)",
  MEAN: "mean output",
  ZERO: "nothing",
} as const;

export const surrogateFigures = ({ layers }: SurrogatesReport): Figure[] =>
  layers.map(({ layer, fits }) => ({
    id: `faithfulness-${layer}`,
    kind: "BARS",
    title: `MLP${layer} replaced by parts of its decomposition`,
    unit: "share",
    unitText: "share of what the MLP adds beyond its mean, on the answer against other candidates",
    meaning:
      "0: as good as the MLP's mean output, 1: as the MLP itself. Weights were fitted on the same facts, so parts with many weights look better than they are.",
    formula: "(M_surrogate - M_mean) / (M_clean - M_mean)",
    source: RECALL,
    bars: fits.flatMap(({ regressors, surrogates }) =>
      surrogates.map(({ surrogate, faithfulness }) => ({
        label: `${regressors}: ${NAMES[surrogate]}`,
        estimate: faithfulness.candidate,
      })),
    ),
  }));

export function trajectoryFigures(report: TrajectoriesReport): Figure[] {
  const { states, subject, answer, otherRelation, control } = report;
  const series = { subject, answer, "another relation's answer": otherRelation, "donor's subject": control };
  return [
    {
      id: "ranks",
      kind: "LINES",
      title: "Ranks on the way",
      unit: "nats",
      unitText: "ln(1 + median rank) with quartiles over facts; 0 = top",
      meaning:
        "An argument that comes up first and gives way to the answer is function application; an answer that rises with the heads is attribute extraction.",
      formula: "logit lens at the last position with each state's own norm scale",
      source: RECALL,
      axis: "state",
      ticks: states.map(({ label }) => label),
      series: Object.entries(series).map(([label, { rank, facts }]) => ({
        label,
        points: rank.median.map((median, s) =>
          median === null
            ? bare(null)
            : {
                value: Math.log1p(median),
                low: Math.log1p(rank.lower[s] ?? median),
                high: Math.log1p(rank.upper[s] ?? median),
                n: facts,
              },
        ),
      })),
    },
    {
      id: "stages",
      kind: "NOTES",
      title: `Verdict: ${report.label}`,
      unit: "share",
      unitText: "depths 0 to 1, shares of prompts",
      meaning: report.reason ?? "By the rule stated with the report's type.",
      formula: "signature: the subject among the top ranks before the crossover, and its peak before it",
      source: RECALL,
      notes: [
        { label: "argument peak, depth", value: inWords(report.argumentPeak.depth) },
        { label: "crossover, depth", value: inWords(report.crossover.depth) },
        { label: "saturation, depth", value: inWords(report.saturation.depth) },
        { label: "signature", value: inWords(report.signature) },
        { label: "signature of the donor's subject", value: inWords(report.controlSignature) },
        { label: "rise of the answer in attention", value: inWords(report.attentionRise, " logits") },
        { label: "rise of the answer in MLPs", value: inWords(report.mlpRise, " logits") },
      ],
    },
  ];
}

export const redirectFigures = ({ layers }: RedirectReport, model: ModelShape): Figure[] => [
  layersFigure(
    {
      id: "change",
      title: "What each MLP does to answer and subject",
      unit: "logit",
      unitText: "change of the centred lens logit across the MLP",
      meaning: "An MLP that raises the answer while it erases the subject redirects the stream.",
      formula: "lens(resid_post, v) - lens(resid_mid, v), each with its own norm scale",
      source: RECALL,
    },
    model,
    [
      {
        label: "answer",
        points: layers.map(({ layer, answerChange }) => ({ layer, estimate: answerChange })),
      },
      {
        label: "subject",
        points: layers.map(({ layer, subjectChange }) => ({ layer, estimate: subjectChange })),
      },
    ],
  ),
  layersFigure(
    {
      id: "cosine",
      title: "Where each MLP points",
      unit: "cosine",
      unitText: "cosine with logit directions",
      meaning: "Towards this answer, towards any answer of the task, or towards this rather than the others.",
      formula: "cos(m, g (u_v - mean u))",
      source: RECALL,
    },
    model,
    [
      {
        label: "the answer",
        points: layers.map(({ layer, answerCosine }) => ({ layer, estimate: answerCosine })),
      },
      {
        label: "any candidate",
        points: layers.map(({ layer, candidatesCosine }) => ({ layer, estimate: candidatesCosine })),
      },
      {
        label: "the answer rather than others",
        points: layers.map(({ layer, answerAmongCandidatesCosine }) => ({
          layer,
          estimate: answerAmongCandidatesCosine,
        })),
      },
    ],
  ),
];

export function implicitFigures(report: ImplicitFunctionReport, model: ModelShape): Figure[] {
  const all = report.accuracies.filter(({ argument }) => argument === "all");
  const points = (key: "functionAccuracy" | "copyAccuracy") =>
    all.map((entry) => ({ layer: entry.layer, estimate: entry[key] }));
  return [
    layersFigure(
      {
        id: "accuracy",
        title: "Does the MLP turn the argument into the answer?",
        unit: "probability",
        unitText: `share of facts; chance ${short(report.chance)}`,
        meaning: `The movers' outputs (${report.movers.join(", ")}) given to each MLP in the task's mean context, against what they already carry. Verdict: ${report.verdict.toLowerCase().replaceAll("_", " ")}${report.reason ? ` (${report.reason})` : ""}.`,
        formula: "F(a) = m(rbar + a) - m(rbar); right when the own answer is on top of the candidates",
        source: RECALL,
      },
      model,
      [
        { label: "function", points: points("functionAccuracy") },
        { label: "copy", points: points("copyAccuracy") },
      ],
    ),
    {
      id: "specificity",
      kind: "BARS",
      title: "The same argument in another relation's context",
      unit: "probability",
      unitText: "change of the share of facts answered right",
      meaning: "A function that belongs to its relation loses this answer there and gains the other's.",
      formula: "F with the other relation's mean context",
      source: RECALL,
      bars: report.specificity
        .filter(({ layer }) => layer === (report.headlineLayer ?? layer))
        .flatMap(({ task, layer, thisFall, otherRise }) => [
          { label: `MLP${layer}, ${task}: this falls`, estimate: thisFall },
          { label: `MLP${layer}, ${task}: other rises`, estimate: otherRise },
        ]),
    },
  ];
}

export const linearMapFigures = (report: LinearMapReport, model: ModelShape): Figure[] => [
  layersFigure(
    {
      id: "r2",
      title: "A linear map of the argument?",
      unit: "r2",
      unitText: "R² on facts left out",
      meaning:
        "Held-out facts can be predicted when the MLP applies one map to all subjects; a look-up table cannot be predicted.",
      formula: "m - mean ~ J (x - mean), J by ridge on the first components of x",
      source: "Hernandez et al. 2024, arXiv 2308.09124",
    },
    model,
    [
      {
        label: "held out",
        points: report.layers.map(({ layer, r2HeldOut }) => ({ layer, estimate: r2HeldOut })),
      },
      {
        label: "in sample",
        points: report.layers.map(({ layer, r2InSample }) => ({ layer, estimate: bare(r2InSample) })),
      },
    ],
  ),
  layersFigure(
    {
      id: "accuracy",
      title: "Answers named by the linear map",
      unit: "probability",
      unitText: `share of facts; chance ${short(report.chance)}`,
      meaning: `Verdicts: ${report.layers.map(({ layer, verdict }) => `MLP${layer} ${verdict}`).join(", ") || (report.reason ?? "none")}.`,
      formula: "strict argmax over the candidates",
      source: "Hernandez et al. 2024, arXiv 2308.09124",
    },
    model,
    [
      {
        label: "map, held out",
        points: report.layers.map(({ layer, accuracyHeldOut }) => ({ layer, estimate: accuracyHeldOut })),
      },
      {
        label: "the MLP's output minus other facts' mean",
        points: report.layers.map(({ layer, accuracyOfOutput }) => ({ layer, estimate: accuracyOfOutput })),
      },
    ],
  ),
];
