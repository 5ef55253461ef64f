"use client";
import { useCallback } from "react";
import { Figure } from "@/charts/figure.tsx";
import { LineKey } from "@/charts/line-key.tsx";
import { type DrawPlot, PlotFigure } from "@/charts/plot-figure.tsx";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { formatValue } from "@/format/numbers.ts";
import { r2Query } from "../figure-queries.ts";
import type { LayerFit } from "../queries.ts";

interface R2FigureProps {
  run: string;
  /** Facts behind the fits. */
  facts: number;
  regressors: string;
  fits: readonly LayerFit[];
  /** The layer shown above, and the one with the largest attribution. */
  layer: number;
  headline: number | null;
  name: string;
}

const WITHIN = "var(--ink-3)";
const HELD_OUT = "var(--answer)";

export function R2Figure({ run, facts, regressors, fits, layer, headline, name }: R2FigureProps) {
  const draw = useCallback<DrawPlot>((plot) => r2Plot(plot, fits, layer, facts), [fits, layer, facts]);
  return (
    <Figure
      about={EXPLANATIONS.r2}
      name={name}
      query={r2Query(run, regressors)}
      caption={
        headline === null ? undefined : `Headline layer: MLP${headline}. The vertical line marks MLP${layer}.`
      }
      table={() => ({
        columns: [
          "layer",
          "R2 within",
          "R2 held out",
          "sd over folds",
          "folds",
          "n facts",
          "R2 uncentred",
          "R2 of the mean",
          "reason",
        ],
        rows: fits.map((fit) => [
          fit.layer,
          fit.r2Within,
          fit.r2HeldOut,
          fit.r2HeldOutSd,
          fit.folds,
          facts,
          fit.r2Uncentred,
          fit.r2Mean,
          fit.r2HeldOutReason ?? fit.reason ?? "",
        ]),
      })}
      legend={
        <LineKey
          items={[
            { label: "within", color: WITHIN, dashed: true },
            { label: "held out, ± 1 sd over folds", color: HELD_OUT },
          ]}
        />
      }
    >
      <PlotFigure label="R squared of the decomposition by layer" height={240} draw={draw} />
    </Figure>
  );
}

function r2Plot(
  plot: Parameters<DrawPlot>[0],
  fits: readonly LayerFit[],
  layer: number,
  facts: number,
): ReturnType<DrawPlot> {
  const value = (number: number | null) => number ?? Number.NaN;
  const spread = (fit: LayerFit, sign: number) =>
    fit.r2HeldOut === null ? Number.NaN : fit.r2HeldOut + sign * (fit.r2HeldOutSd ?? 0);
  const common = { x: "layer" as const };
  return {
    marginLeft: 44,
    marginTop: 12,
    marginBottom: 34,
    x: {
      domain: [
        Math.min(...fits.map((fit) => fit.layer)) - 0.5,
        Math.max(...fits.map((fit) => fit.layer)) + 0.5,
      ],
    },
    y: { grid: true, nice: true, label: null },
    marks: [
      plot.axisX({
        label: "MLP layer",
        labelAnchor: "center",
        labelArrow: "none",
        ticks: Math.min(fits.length, 16),
        tickFormat: "d",
      }),
      plot.ruleY([0], { stroke: "var(--line-strong)" }),
      plot.ruleX([layer], { stroke: "var(--ink)", strokeOpacity: 0.35 }),
      plot.areaY(fits, {
        ...common,
        y1: (fit: LayerFit) => spread(fit, -1),
        y2: (fit: LayerFit) => spread(fit, 1),
        fill: HELD_OUT,
        fillOpacity: 0.15,
      }),
      plot.line(fits, {
        ...common,
        y: (fit: LayerFit) => value(fit.r2Within),
        stroke: WITHIN,
        strokeDasharray: "5 4",
        strokeWidth: 1.6,
      }),
      plot.line(fits, {
        ...common,
        y: (fit: LayerFit) => value(fit.r2HeldOut),
        stroke: HELD_OUT,
        strokeWidth: 2,
      }),
      plot.dot(fits, { ...common, y: (fit: LayerFit) => value(fit.r2HeldOut), fill: HELD_OUT, r: 2.6 }),
      plot.rect(fits, {
        x1: (fit: LayerFit) => fit.layer - 0.5,
        x2: (fit: LayerFit) => fit.layer + 0.5,
        fill: "transparent",
        className: "hover-column",
        title: (fit: LayerFit) => r2Tip(fit, facts),
      }),
    ],
  };
}

function r2Tip(fit: LayerFit, facts: number): string {
  const print = (value: number | null) => (value === null ? "not observed" : formatValue(value, "r2"));
  return [
    `MLP${fit.layer}`,
    `within\t${print(fit.r2Within)}`,
    `held out\t${print(fit.r2HeldOut)}`,
    ...(fit.r2HeldOutSd === null ? [] : [`sd over ${fit.folds} folds\t${print(fit.r2HeldOutSd)}`]),
    ...(fit.r2HeldOutReason ? [fit.r2HeldOutReason] : []),
    `uncentred\t${print(fit.r2Uncentred)}`,
    `of the mean alone\t${print(fit.r2Mean)}`,
    `n\t${facts} facts`,
    "unit\tR²",
  ].join("\n");
}
