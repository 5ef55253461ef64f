"use client";
import { useCallback } from "react";
import { SERIES_COLORS } from "@/charts/color-scale.ts";
import { type DrawPlot, PlotFigure } from "@/charts/plot-figure.tsx";
import { formatEstimate, formatInterval } from "@/format/estimates.ts";
import { isSigned, type Unit } from "@/format/numbers.ts";
import type { Estimate } from "@/graphql/fragments.ts";
import type { FurtherFigureData } from "../queries.ts";

type Lines = Extract<FurtherFigureData, { __typename: "LinesFigure" }>;
interface Point {
  at: number;
  estimate: Estimate;
}

export const seriesColor = (i: number): string => SERIES_COLORS[i % SERIES_COLORS.length]!;
const MOST_TICKS = 14;

/** Lines over an axis of named places, each with the band of its 95 % intervals; the tooltip reads all of them at one place. */
export function FurtherLines({ figure }: { figure: Lines }) {
  const draw = useCallback<DrawPlot>((plot) => linesPlot(plot, figure), [figure]);
  return <PlotFigure label={figure.title} height={250} draw={draw} />;
}

function linesPlot(plot: Parameters<DrawPlot>[0], figure: Lines): ReturnType<DrawPlot> {
  const unit = figure.unit;
  const places = figure.ticks.map((_, at) => at);
  const step = Math.max(1, Math.ceil(places.length / MOST_TICKS));
  const marks = figure.series.flatMap(({ points }, i) => {
    const color = seriesColor(i);
    const data = points.map((estimate, at): Point => ({ at, estimate }));
    const value = ({ estimate }: Point) => estimate.value ?? Number.NaN;
    return [
      plot.areaY(data, {
        x: "at",
        y1: ({ estimate }: Point) => estimate.low ?? Number.NaN,
        y2: ({ estimate }: Point) => estimate.high ?? Number.NaN,
        fill: color,
        fillOpacity: 0.1,
      }),
      plot.line(data, { x: "at", y: value, stroke: color, strokeWidth: 2 }),
      plot.dot(data, { x: "at", y: value, fill: color, r: 2.2 }),
    ];
  });
  return {
    marginLeft: 52,
    marginTop: 12,
    marginBottom: 36,
    x: { domain: [-0.5, places.length - 0.5] },
    y: {
      grid: true,
      nice: true,
      label: null,
      ...(unit === "probability" ? { tickFormat: (value: number) => `${Math.round(100 * value)} %` } : {}),
    },
    marks: [
      plot.axisX(
        places.filter((at) => at % step === 0),
        {
          label: figure.axis,
          labelAnchor: "center",
          labelArrow: "none",
          tickFormat: (at: number) => figure.ticks[at] ?? "",
        },
      ),
      plot.ruleY([0], { stroke: "var(--line-strong)" }),
      ...marks,
      plot.rect(places, {
        x1: (at: number) => at - 0.5,
        x2: (at: number) => at + 0.5,
        fill: "transparent",
        className: "hover-column",
        title: (at: number) => tip(figure, at, unit),
      }),
    ],
  };
}

function tip({ axis, ticks, series }: Lines, at: number, unit: Unit): string {
  const lines = series.flatMap(({ label, points }) => {
    const point = points[at];
    if (!point) return [];
    const interval = formatInterval(point, unit);
    const value = formatEstimate(point, unit, isSigned(unit));
    return [`${label}\t${value}`, ...(interval ? [`95 % interval\t${interval}`] : [])];
  });
  return [`${axis} ${ticks[at]}`, ...lines].join("\n");
}
