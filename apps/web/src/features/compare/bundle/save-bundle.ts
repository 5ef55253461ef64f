import { download } from "@/charts/figure-export.ts";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { HEAD_METRICS } from "@/features/run/argument-passing/metrics.ts";
import type { ComparedMetric, CurveView } from "../compare-state.ts";
import { headScale } from "../head-scale.ts";
import { explanationOf } from "../layer-curves.tsx";
import type { Comparison } from "../queries.ts";
import { colorLegend, colorMap } from "./both-themes.ts";
import { bundleHtml } from "./bundle.ts";
import { pageStyles, stillCopy } from "./still-page.ts";

export interface Exported {
  title: string;
  note: string | null;
  comparison: Comparison;
  metric: ComparedMetric;
  view: CurveView;
  /** The other answers behind the page, by name. */
  more: Record<string, unknown>;
}

/** Writes the report on the page as one HTML file that stands alone. */
export function saveBundle(report: HTMLElement, exported: Exported): void {
  const { title, note, comparison, metric, view, more } = exported;
  const copy = stillCopy(report);
  colorHeads(copy, comparison, metric);
  const html = bundleHtml({
    title,
    note,
    address: window.location.href,
    createdAt: new Date().toISOString(),
    report: copy,
    width: report.getBoundingClientRect().width,
    styles: pageStyles(),
    explanations: [
      explanationOf(view.curve),
      EXPLANATIONS[HEAD_METRICS[metric].explanation],
      EXPLANATIONS.headOverlap,
      EXPLANATIONS.headMatching,
    ],
    runs: comparison.runs,
    numbers: { comparison, ...more },
  });
  download(`${fileName(title)}.html`, html, "text/html;charset=utf-8");
}

/** Heat maps are the one thing that is not coloured by the theme's variables. */
function colorHeads(copy: HTMLElement, { runs }: Comparison, metric: ComparedMetric): void {
  const heads = runs.map(({ run }) => run);
  const scales = { light: headScale(heads, metric, false), dark: headScale(heads, metric, true) };
  for (const map of copy.querySelectorAll<HTMLElement>("[data-heads-of]")) {
    const found = heads.find(({ id }) => id === map.dataset.headsOf)?.argumentPassing;
    const values = new Map(found?.heads.map((head) => [head.label, head[metric].value]));
    const movers = new Set(found?.movers);
    colorMap(map, scales, HEAD_METRICS[metric].unit, (label) => ({
      value: values.get(label) ?? null,
      marked: movers.has(label),
    }));
  }
  for (const legend of copy.querySelectorAll("linearGradient")) colorLegend(legend, scales);
}

const fileName = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "") || "comparison";
