import type { Figure } from "../results/figure.ts";
import type { JointEffectReport, JointView } from "../results/joint-effect.ts";

const name = ({ replacement, direction, metric }: JointView) =>
  `${direction.toLowerCase()}, ${replacement === "ZERO" ? "zero" : "corrupted value"}, ${metric === "logit_diff" ? "logit difference" : "answer's logit"}`;

/** Single effects beside their sum and the joint effect, interactions, and what they say. */
export function jointFigures({ views, heads, set, reason, mass }: JointEffectReport): Figure[] {
  const source = "Wang et al. 2023; Lv et al. 2024";
  const who = set === "movers" ? "the movers" : "the heads with the largest effect (fewer than two movers)";
  const first = views[0];
  const figures: Figure[] = first
    ? [
        {
          kind: "BARS",
          id: "joint",
          title: "Heads one by one and together",
          unit: "logit",
          unitText: "logits of answer - donor's answer",
          meaning: `What ${who} are worth at the last position: each alone, the sum of these, and all at once (${name(first)}).`,
          formula: "LD of the clean run - LD with the heads' output from the corrupted run",
          source,
          bars: [
            ...first.singles.map((estimate, i) => ({ label: heads[i]!, estimate })),
            { label: "sum", estimate: first.raw.sum },
            { label: "together", estimate: first.raw.joint },
          ],
        },
        {
          kind: "BARS",
          id: "interaction",
          title: "Interaction",
          unit: "effect",
          unitText: "share of clean - replaced",
          meaning: `Joint effect of ${who} minus the sum of single effects. Below 0 under noising (above 0 under denoising) they need each other; the other way round they stand in for each other.`,
          formula: "(joint - sum of singles) / mean(clean - replaced)",
          source,
          bars: views.map((view) => ({ label: name(view), estimate: view.normalised.interaction })),
        },
      ]
    : [];
  return [
    ...figures,
    {
      kind: "NOTES",
      id: "verdicts",
      title: "How heads work together",
      unit: "effect",
      unitText: "verdicts",
      meaning: reason ?? "By the interval of the interaction; inside +-0.02 effects add up.",
      formula: "see the interaction",
      source,
      notes: [
        ...views.map((view) => ({ label: name(view), value: view.verdict ?? `not judged: ${view.reason}` })),
        ...mass.map(({ share, reaching }) => ({
          label: `heads that carry ${100 * share} % of the effects' mass`,
          value: reaching.length
            ? `${reaching.length}: ${reaching.slice(0, 12).join(", ")}${reaching.length > 12 ? ", ..." : ""}`
            : "none",
        })),
      ],
    },
  ];
}
