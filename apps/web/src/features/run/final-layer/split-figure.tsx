"use client";
import { useCallback, useMemo } from "react";
import { Figure } from "@/charts/figure.tsx";
import { type DrawPlot, PlotFigure } from "@/charts/plot-figure.tsx";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { estimateTip } from "@/format/estimates.ts";
import { formatSigned } from "@/format/numbers.ts";
import type { Estimate } from "@/graphql/fragments.ts";
import { estimateColumns } from "@/table/estimate-columns.ts";
import { splitQuery } from "../figure-queries.ts";
import type { FinalLayer } from "../queries.ts";

interface WaterfallStep {
  label: string;
  estimate: Estimate;
  from: number;
  to: number;
  total: boolean;
}

/** The change of log p as a waterfall: heads, MLP and scale add up to the total exactly. */
export function SplitFigure({ run, data, name }: { run: string; data: FinalLayer; name: string }) {
  const steps = useMemo(() => waterfall(data), [data]);
  const draw = useCallback<DrawPlot>((plot) => waterfallPlot(plot, steps), [steps]);
  return (
    <Figure
      about={EXPLANATIONS.finalSplit}
      name={name}
      query={splitQuery(run)}
      table={() => ({
        columns: ["part", "value", "low", "high", "n facts"],
        rows: steps.map(({ label, estimate }) => [label, ...estimateColumns(estimate)]),
      })}
    >
      <PlotFigure label="Parts of the final layer's change of log-probability" height={216} draw={draw} />
    </Figure>
  );
}

function waterfall(data: FinalLayer): WaterfallStep[] {
  let level = 0;
  const steps = [
    { label: "Heads", estimate: data.headPart },
    { label: "MLP", estimate: data.mlpPart },
    { label: "Norm's scale", estimate: data.scalePart },
  ].map(({ label, estimate }) => {
    const from = level;
    level += estimate.value ?? 0;
    return { label, estimate, from, to: level, total: false };
  });
  const total = data.logProbChange;
  return [...steps, { label: "Total", estimate: total, from: 0, to: total.value ?? 0, total: true }];
}

function waterfallPlot(plot: Parameters<DrawPlot>[0], steps: readonly WaterfallStep[]): ReturnType<DrawPlot> {
  const color = ({ from, to }: WaterfallStep) => (to < from ? "var(--bar-negative)" : "var(--bar-positive)");
  const shifted = ({ from, estimate, total }: WaterfallStep, bound: number | null) =>
    bound === null || estimate.value === null ? Number.NaN : (total ? 0 : from) + bound;
  const ends = steps.flatMap((step) => [
    step.from,
    step.to,
    shifted(step, step.estimate.low),
    shifted(step, step.estimate.high),
  ]);
  const seen = ends.filter(Number.isFinite);
  const [low, high] = [Math.min(0, ...seen), Math.max(0, ...seen)];
  const joints = steps
    .slice(0, -1)
    .map((step, index) => ({ x: step.to, y1: step.label, y2: steps[index + 1]?.label }));
  return {
    marginLeft: 88,
    marginRight: 64,
    marginTop: 4,
    marginBottom: 26,
    x: { domain: [low, high], label: null, grid: true, nice: true, ticks: 5 },
    y: { domain: steps.map(({ label }) => label), label: null, padding: 0.34 },
    marks: [
      plot.axisY({ tickSize: 0, fontSize: 12, color: "var(--ink-2)" }),
      plot.link(joints, { x: "x", y1: "y1", y2: "y2", stroke: "var(--line-strong)", strokeWidth: 1 }),
      plot.barX(steps, {
        x1: "from",
        x2: "to",
        y: "label",
        fill: color,
        fillOpacity: (step: WaterfallStep) => (step.total ? 1 : 0.62),
        rx: 1.5,
      }),
      // A halo keeps the interval visible on a bar of its own colour.
      ...[
        { stroke: "var(--surface)", strokeWidth: 3 },
        { stroke: "var(--ink)", strokeWidth: 1.2 },
      ].map((line) =>
        plot.link(
          steps.filter(({ estimate }) => estimate.low !== null && estimate.high !== null),
          {
            x1: (step: WaterfallStep) => shifted(step, step.estimate.low),
            x2: (step: WaterfallStep) => shifted(step, step.estimate.high),
            y1: "label",
            y2: "label",
            ...line,
          },
        ),
      ),
      plot.ruleX([0], { stroke: "var(--ink-3)" }),
      plot.text(steps, {
        y: "label",
        text: ({ estimate }: WaterfallStep) =>
          estimate.value === null ? "not observed" : formatSigned(estimate.value, "nats"),
        frameAnchor: "right",
        textAnchor: "end",
        dx: 62,
        fill: "var(--ink)",
        fontSize: 12,
        fontWeight: 600,
      }),
      plot.barX(steps, {
        x1: () => low,
        x2: () => high,
        y: "label",
        insetLeft: -88,
        insetRight: -64,
        fill: "transparent",
        className: "hover-column",
        title: ({ label, estimate }: WaterfallStep) => estimateTip(label, estimate, "nats"),
      }),
    ],
  };
}
