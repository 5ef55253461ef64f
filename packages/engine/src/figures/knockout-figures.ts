import type { Estimate } from "../results/estimate.ts";
import type { Figure } from "../results/figure.ts";
import type { AttentionKnockoutReport, KnockoutWindow } from "../results/knockout.ts";

const NAMES = {
  subject: "subject",
  relation: "relation word",
  first: "first position",
  rest: "other positions",
} as const;

/** Curves over depth of what a knockout costs, and the depths of the largest costs. */
export function knockoutFigures({ curves, radius, prompts }: AttentionKnockoutReport): Figure[] {
  const observed = curves.filter((curve) => curve.prompts > 0);
  const lines = (
    text: Pick<Figure, "id" | "title" | "unit" | "unitText" | "formula">,
    point: (window: KnockoutWindow) => Estimate,
  ): Figure => ({
    kind: "LINES",
    meaning: `What the answer loses when all heads of the layer and of ${radius} to each side cannot see a part of the prompt from the last position.`,
    source: "Geva et al. 2023",
    ...text,
    axis: "layer",
    ticks: curves[0]!.windows.map(({ layer }) => String(layer)),
    series: observed.map((curve) => ({
      label: `${NAMES[curve.target]}${curve.prompts < prompts ? ` (${curve.prompts} of ${prompts} prompts)` : ""}`,
      points: curve.windows.map(point),
    })),
  });
  return [
    lines(
      {
        id: "log-prob",
        title: "Attention knockout",
        unit: "nats",
        unitText: "nats of log p(answer), knocked out minus clean",
        formula: "log p(answer | keys hidden in layers l - w to l + w) - log p(answer)",
      },
      ({ logProb }) => logProb,
    ),
    lines(
      {
        id: "candidate-logit-diff",
        title: "Attention knockout among the candidates",
        unit: "logit",
        unitText: "logits against the other candidates, knocked out minus clean",
        formula: "change of logit(answer) - mean logit of the other candidates",
      },
      ({ candidateLogitDiff }) => candidateLogitDiff,
    ),
    {
      kind: "BARS",
      id: "largest-drop",
      title: "Depth of the largest drop",
      unit: "share",
      unitText: "relative depth, 0 = first layer, 1 = last",
      meaning: "Where the last position takes what it needs of each part of the prompt.",
      formula: "(l + 0.5) / layers of the window with the largest drop of log p(answer)",
      source: "Geva et al. 2023",
      bars: observed.map(({ target, largestDrop }) => ({ label: NAMES[target], estimate: largestDrop })),
    },
  ];
}
