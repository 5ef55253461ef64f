"use client";
import { useCallback } from "react";
import { Figure } from "@/charts/figure.tsx";
import { LineKey } from "@/charts/line-key.tsx";
import { type DrawPlot, PlotFigure } from "@/charts/plot-figure.tsx";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { formatEstimate, formatInterval } from "@/format/estimates.ts";
import { formatPValue } from "@/format/numbers.ts";
import { estimateColumns } from "@/table/estimate-columns.ts";
import { typeGainQuery } from "../figure-queries.ts";
import type { Intercept } from "../queries.ts";

const INTERCEPT = "var(--answer)";
const MEAN = "var(--ink-3)";

/** Type gain of the intercept beside that of the mean MLP output, layer by layer. */
export function TypeGainFigure(props: {
  run: string;
  regressors: string;
  intercepts: readonly Intercept[];
  layer: number;
  name: string;
}) {
  const { intercepts, layer, name } = props;
  const draw = useCallback<DrawPlot>((plot) => typeGainPlot(plot, intercepts, layer), [intercepts, layer]);
  return (
    <Figure
      about={EXPLANATIONS.typeGain}
      name={name}
      query={typeGainQuery(props.run, props.regressors)}
      table={() => ({
        columns: [
          "layer",
          ...["intercept", "mean output"].flatMap((what) =>
            ["", " low", " high", " n"].map((part) => what + part),
          ),
          "cosine",
          "candidates in top 20",
          "p",
        ],
        rows: intercepts.map((each) => [
          each.layer,
          ...estimateColumns(each.typeGain),
          ...estimateColumns(each.typeGainOfMean),
          each.cosineWithMean,
          each.candidatesInTop,
          each.pValue,
        ]),
      })}
      legend={
        <LineKey
          items={[
            { label: "intercept", color: INTERCEPT },
            { label: "mean MLP output", color: MEAN, dashed: true },
          ]}
        />
      }
    >
      <PlotFigure label="Type gain by layer" height={240} draw={draw} />
    </Figure>
  );
}

function typeGainPlot(
  plot: Parameters<DrawPlot>[0],
  intercepts: readonly Intercept[],
  layer: number,
): ReturnType<DrawPlot> {
  const layers = intercepts.map((each) => each.layer);
  const band = (field: "typeGain" | "typeGainOfMean", color: string, opacity: number) =>
    plot.areaY(intercepts, {
      x: "layer",
      y1: (each: Intercept) => each[field].low ?? Number.NaN,
      y2: (each: Intercept) => each[field].high ?? Number.NaN,
      fill: color,
      fillOpacity: opacity,
    });
  return {
    marginLeft: 44,
    marginTop: 12,
    marginBottom: 34,
    x: { domain: [Math.min(...layers) - 0.5, Math.max(...layers) + 0.5] },
    y: { grid: true, nice: true, label: null },
    marks: [
      plot.axisX({
        label: "MLP layer",
        labelAnchor: "center",
        labelArrow: "none",
        ticks: Math.min(layers.length, 16),
        tickFormat: "d",
      }),
      plot.ruleY([0], { stroke: "var(--line-strong)" }),
      plot.ruleX([layer], { stroke: "var(--ink)", strokeOpacity: 0.35 }),
      band("typeGainOfMean", MEAN, 0.1),
      band("typeGain", INTERCEPT, 0.16),
      plot.line(intercepts, {
        x: "layer",
        y: (each: Intercept) => each.typeGainOfMean.value ?? Number.NaN,
        stroke: MEAN,
        strokeWidth: 1.6,
        strokeDasharray: "5 4",
      }),
      plot.line(intercepts, {
        x: "layer",
        y: (each: Intercept) => each.typeGain.value ?? Number.NaN,
        stroke: INTERCEPT,
        strokeWidth: 2,
      }),
      plot.dot(intercepts, {
        x: "layer",
        y: (each: Intercept) => each.typeGain.value ?? Number.NaN,
        fill: INTERCEPT,
        r: 2.6,
      }),
      plot.rect(intercepts, {
        x1: (each: Intercept) => each.layer - 0.5,
        x2: (each: Intercept) => each.layer + 0.5,
        fill: "transparent",
        className: "hover-column",
        title: gainTip,
      }),
    ],
  };
}

function gainTip(each: Intercept): string {
  return [
    `MLP${each.layer}: intercept`,
    `type gain\t${formatEstimate(each.typeGain, "logit", true)}`,
    `95 % interval\t${formatInterval(each.typeGain, "logit") ?? "not defined"}`,
    `of the mean output\t${formatEstimate(each.typeGainOfMean, "logit", true)}`,
    `95 % interval\t${formatInterval(each.typeGainOfMean, "logit") ?? "not defined"}`,
    `n\t${each.typeGain.n} facts`,
    "unit\tlogits",
    `answers in the top 20\t${each.candidatesInTop} (${formatPValue(each.pValue)})`,
  ].join("\n");
}
