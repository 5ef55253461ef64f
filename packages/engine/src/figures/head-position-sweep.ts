import { headLabel } from "../hooks/head-label.ts";
import { notObserved } from "../results/estimate.ts";
import type { Figure } from "../results/figure.ts";
import type {
  ExactPlace,
  HeadPositionSweepReport,
  SweepScreen,
  SweptPosition,
} from "../results/head-position-sweep.ts";
import { headsFigure, inWords, type ModelShape } from "./figure-parts.ts";

const SHOWN_PLACES = 16;
const EFFECT = { unit: "effect", unitText: "normalised effect: 0 = nothing, 1 = clean - corrupted" } as const;
const ABOUT = {
  formula: "mean of noising and denoising, ratio of means",
  source: "Wang et al. 2023, arXiv 2211.00593",
};

function inProse(position: SweptPosition): string {
  switch (position) {
    case "subjFirst":
      return "the subject's first token";
    case "subjMiddle":
      return "the subject's middle tokens";
    case "subjLast":
      return "the subject's last token";
    case "last":
      return "the last position";
    default:
      return `token ${position} after the subject`;
  }
}

/** The strongest places, a map of heads per position (exact effects only), and what was measured how. */
export function headPositionSweepFigures(report: HeadPositionSweepReport, model: ModelShape): Figure[] {
  const { places, positions } = report;
  const exact = places.filter((place) => place.exact);
  const strongest = exact
    .filter(({ effect }) => effect.value !== null && effect.value !== 0)
    .sort((a, b) => Math.abs(b.effect.value!) - Math.abs(a.effect.value!))
    .slice(0, SHOWN_PLACES);
  return [
    {
      kind: "BARS",
      id: "strongest",
      title: "Heads and positions with the largest effect",
      ...EFFECT,
      meaning: `Exact effects only; ${report.movers.length} places are movers. Before the subject every effect is exactly 0.`,
      ...ABOUT,
      bars: strongest.map(({ label, effect }) => ({ label, estimate: effect })),
    },
    ...positions.map(({ position, prompts, facts }) =>
      headsFigure(
        {
          id: `at-${position.replace("+", "after-")}`,
          title: `Heads at ${inProse(position)}`,
          ...EFFECT,
          meaning: `What each head carries at this position (${prompts} prompts of ${facts} facts have it). Dots: movers.${report.screen ? " Blank: only estimated; the tooltip has the estimate." : ""}`,
          ...ABOUT,
        },
        model,
        places.filter((place) => place.position === position),
        (place) =>
          place.exact ? place.effect : notObserved(`only estimated, not patched: ${inWords(place.estimate)}`),
        exact.filter((place) => place.position === position && place.mover).map(headLabel),
      ),
    ),
    notes(report, exact),
  ];
}

function notes(report: HeadPositionSweepReport, exact: readonly ExactPlace[]): Figure {
  const { mode, places, positions, movers, screen, pairs, beforeSubject } = report;
  const at = (position: SweptPosition) =>
    movers.filter((label) => label.endsWith(` at ${position}`)).map((label) => label.split(" ")[0]!);
  const screened = places.length - exact.length;
  return {
    kind: "NOTES",
    id: "sweep",
    title: "What was measured how",
    unit: "count",
    unitText: "places: one head at one position",
    meaning: "Positions are named by what they are to the prompt, each once.",
    ...ABOUT,
    notes: [
      { label: "mode", value: mode.toLowerCase() },
      {
        label: "places",
        value: `${places.length}: ${exact.length} exact, ${screened} only estimated${screen ? ` (${screen.patched} patched: ${screen.top} top of the screen, ${screen.byInterval} by interval, ${screen.audit.audited} audited)` : ""}`,
      },
      {
        label: "before the subject",
        value: `every effect is exactly ${beforeSubject.effect}: ${beforeSubject.reason}`,
      },
      ...positions.map(({ position, prompts, facts }) => ({
        label: `movers at ${inProse(position)}`,
        value: `${at(position).join(", ") || "none"} (${prompts} of ${pairs} prompts, ${facts} facts)`,
      })),
      ...(screen ? auditNotes(screen) : []),
    ],
  };
}

function auditNotes({ audit }: SweepScreen): { label: string; value: string }[] {
  const { passedOver, audited, missed, missedShareAtMost, missedElsewhere, missedElsewhereAtMost } = audit;
  if (missedShareAtMost === null) return [{ label: "audit", value: "the screen passed over no place" }];
  const found = `${missed.length} of ${audited} places that the screen passed over matter${missed.length ? ` (${missed.join(", ")})` : ""}`;
  if (passedOver === audited) return [{ label: "audit", value: `${found}; there are no others` }];
  return [
    {
      label: "audit",
      value: `${found}: at most ${(100 * missedShareAtMost).toFixed(1)} % do (95 % confidence)`,
    },
    {
      label: "missed elsewhere",
      value: `about ${Math.round(missedElsewhere)}, at most ${Math.floor(missedElsewhereAtMost)}, of the ${passedOver - audited} places that were only estimated`,
    },
  ];
}
