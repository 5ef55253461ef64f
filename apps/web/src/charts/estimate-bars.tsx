"use client";
import { useCallback } from "react";
import { estimateTip } from "@/format/estimates.ts";
import { formatSigned, formatValue, isSigned, type Unit } from "@/format/numbers.ts";
import type { Estimate } from "@/graphql/fragments.ts";
import { type DrawPlot, PlotFigure } from "./plot-figure.tsx";

export interface Bar {
  label: string;
  estimate: Estimate;
  /** A CSS colour; the sign's colour where it is missing. */
  color?: string;
  /** More lines of the tooltip, `name<tab>value`. */
  extra?: string[];
}

const POSITIVE = "var(--bar-positive)";
const NEGATIVE = "var(--bar-negative)";

/** Smallest and largest value to draw, 0 and the intervals included. */
function extent(bars: readonly Bar[]): [number, number] {
  const ends = bars.flatMap(({ estimate }) => [estimate.value, estimate.low, estimate.high]);
  const seen = ends.filter((end) => end !== null);
  const [low, high] = [Math.min(0, ...seen), Math.max(0, ...seen)];
  return low === high ? [0, 1] : [low, high];
}

const LABEL_SIZE = 11.5;
/** On narrow pages labels are cut beyond this part of the width, so that bars keep theirs. */
const LABELS_SHARE = 0.45;

/** Horizontal bars from 0 with their 95 % intervals and values; negative red, positive blue. */
export function EstimateBars(props: {
  label: string;
  bars: readonly Bar[];
  unit: Unit;
  labelWidth?: number;
}) {
  const { bars, unit, labelWidth = 64 } = props;
  const draw = useCallback<DrawPlot>(
    (plot, width) => {
      const marginLeft = Math.min(labelWidth, Math.round(width * LABELS_SHARE));
      const seen = bars.filter((bar) => bar.estimate.value !== null);
      const [low, high] = extent(bars);
      const value = (bar: Bar) => bar.estimate.value ?? 0;
      const print = (bar: Bar) =>
        bar.estimate.value === null
          ? "not observed"
          : isSigned(unit)
            ? formatSigned(bar.estimate.value, unit)
            : formatValue(bar.estimate.value, unit);
      return {
        marginLeft,
        marginRight: 58,
        marginTop: 4,
        marginBottom: 26,
        x: { domain: [low, high], label: null, grid: true, nice: true, ticks: 5 },
        y: { domain: bars.map(({ label }) => label), label: null, padding: 0.28 },
        marks: [
          plot.axisY({
            tickSize: 0,
            fontSize: LABEL_SIZE,
            color: "var(--ink-2)",
            ...(marginLeft < labelWidth && {
              lineWidth: marginLeft / LABEL_SIZE - 1,
              textOverflow: "ellipsis",
            }),
          }),
          plot.barX(seen, {
            x: value,
            y: "label",
            fill: (bar: Bar) => bar.color ?? (value(bar) < 0 ? NEGATIVE : POSITIVE),
            fillOpacity: 0.9,
            rx: 1.5,
          }),
          // A halo keeps the interval visible on a bar of its own colour.
          ...[
            { stroke: "var(--surface)", strokeWidth: 3 },
            { stroke: "var(--ink)", strokeWidth: 1.2 },
          ].map((line) =>
            plot.link(
              seen.filter((bar) => bar.estimate.low !== null && bar.estimate.high !== null),
              {
                x1: (bar: Bar) => bar.estimate.low,
                x2: (bar: Bar) => bar.estimate.high,
                y1: "label",
                y2: "label",
                ...line,
              },
            ),
          ),
          plot.ruleX([0], { stroke: "var(--ink-3)" }),
          plot.text(bars, {
            y: "label",
            text: print,
            frameAnchor: "right",
            textAnchor: "end",
            dx: 56,
            fill: (bar: Bar) => (bar.estimate.value === null ? "var(--ink-3)" : "var(--ink)"),
            fontSize: 11.5,
          }),
          plot.barX(bars, {
            x1: () => low,
            x2: () => high,
            y: "label",
            insetLeft: -labelWidth,
            insetRight: -58,
            fill: "transparent",
            className: "hover-column",
            title: (bar: Bar) => estimateTip(bar.label, bar.estimate, unit, bar.extra),
          }),
        ],
      };
    },
    [bars, unit, labelWidth],
  );
  return <PlotFigure label={props.label} height={Math.max(90, bars.length * 21 + 30)} draw={draw} />;
}
