"use client";
import { useCallback } from "react";
import { type DrawPlot, PlotFigure } from "@/charts/plot-figure.tsx";
import { formatEstimate, formatInterval } from "@/format/estimates.ts";
import { plural } from "@/format/numbers.ts";
import type { FurtherFigureData } from "../queries.ts";
import { seriesColor } from "./further-lines.tsx";

type Reliability = Extract<FurtherFigureData, { __typename: "ReliabilityFigure" }>;
type Curve = Reliability["curves"][number];
type Bin = Curve["bins"][number];

const MOST_COLUMNS = 3;
const PANEL_HEIGHT = 210;

/** One panel for each change, all on one scale: its curve in colour, that of the model as it is in grey, and the diagonal. */
export function FurtherReliability({ figure }: { figure: Reliability }) {
  const draw = useCallback<DrawPlot>((plot, width) => reliabilityPlot(plot, figure.curves, width), [figure]);
  const panels = Math.max(1, figure.curves.length - 1);
  return (
    <PlotFigure
      label={figure.title}
      height={28 + PANEL_HEIGHT * Math.ceil(panels / columnsOf(panels))}
      draw={draw}
    />
  );
}

const columnsOf = (panels: number): number => Math.min(MOST_COLUMNS, panels);

export function reliabilityPlot(
  plot: Parameters<DrawPlot>[0],
  curves: readonly Curve[],
  width: number,
): ReturnType<DrawPlot> {
  const [first, ...rest] = curves;
  const panels = rest.length > 0 ? rest : curves;
  const columns = columnsOf(panels.length);
  const place = (at: number) => ({ fx: at % columns, fy: Math.floor(at / columns) });
  const percent = { label: null, tickFormat: (value: number) => `${Math.round(100 * value)} %` };
  const curve = (own: Curve, color: string, facet: { fx?: number; fy?: number }) => {
    const bins = own.bins.filter(({ right }) => right.value !== null).map((bin) => ({ ...bin, ...facet }));
    const at = { x: ({ confidence }: Bin) => confidence.value, ...("fx" in facet && { fx: "fx", fy: "fy" }) };
    const y = ({ right }: Bin) => right.value;
    return [
      plot.ruleX(bins, {
        ...at,
        y1: ({ right }: Bin) => right.low ?? right.value,
        y2: ({ right }: Bin) => right.high ?? right.value,
        stroke: color,
        strokeOpacity: 0.45,
      }),
      plot.line(bins, { ...at, y, stroke: color, strokeWidth: 1.8 }),
      plot.dot(bins, {
        ...at,
        y,
        r: "prompts",
        fill: color,
        stroke: "var(--surface)",
        title: (bin: Bin) => tip(own.label, bin),
      }),
    ];
  };
  return {
    marginLeft: 44,
    marginTop: 22,
    marginBottom: 24,
    x: { domain: [0, 1], ticks: [0, 0.5, 1], ...percent },
    y: { domain: [0, 1], ticks: [0, 0.5, 1], grid: true, ...percent },
    fx: { axis: null, padding: width < 480 ? 0.16 : 0.1 },
    fy: { axis: null, padding: 0.18 },
    r: { range: [2, 6] },
    marks: [
      plot.link([0], { x1: 0, y1: 0, x2: 1, y2: 1, stroke: "var(--line-strong)", strokeDasharray: "4 3" }),
      ...(first && rest.length > 0 ? curve(first, "var(--ink-3)", {}) : []),
      ...panels.flatMap((own, i) => curve(own, seriesColor(i), place(i))),
      plot.text(
        panels.map(({ label }, i) => ({ label, ...place(i) })),
        {
          text: "label",
          fx: "fx",
          fy: "fy",
          frameAnchor: "top-left",
          dy: -13,
          fill: "var(--ink)",
          fontWeight: 500,
        },
      ),
    ],
  };
}

function tip(label: string, { low, high, prompts, confidence, right }: Bin): string {
  const interval = formatInterval(right, "share");
  return [
    `${label}: p(top) ${Math.round(100 * low)} to ${Math.round(100 * high)} %`,
    `share right\t${formatEstimate(right, "share")}`,
    `95 % interval\t${interval ?? "not defined"}`,
    `mean p(top)\t${formatEstimate(confidence, "share")}`,
    `n\t${plural(prompts, "prompt")} of ${plural(right.n, "fact")}`,
  ].join("\n");
}
