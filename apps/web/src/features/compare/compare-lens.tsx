"use client";
import { useCallback } from "react";
import { Figure } from "@/charts/figure.tsx";
import { LineKey } from "@/charts/line-key.tsx";
import { type DrawPlot, PlotFigure } from "@/charts/plot-figure.tsx";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { formatEstimate, formatInterval } from "@/format/estimates.ts";
import { formatNumber, type Unit } from "@/format/numbers.ts";
import type { Estimate } from "@/graphql/fragments.ts";
import { ChoiceGroup } from "@/ui/choice-group.tsx";
import type { Series } from "./series.ts";

type Measure = "probability" | "centredLogit";
type Token = "answer" | "subject";
const UNITS: Record<Measure, Unit> = { probability: "probability", centredLogit: "logit" };

interface Point {
  depth: number;
  state: string;
  estimate: Estimate;
}

/** Lens curves of all runs over relative depth, so that models of different depth can be laid over each other. */
export function CompareLens(props: {
  series: readonly Series[];
  measure: Measure;
  token: Token;
  onChange: (change: { lens?: Measure; token?: Token }) => void;
}) {
  const { series, measure, token, onChange } = props;
  const draw = useCallback<DrawPlot>(
    (plot) => overlay(plot, series, measure, token),
    [series, measure, token],
  );
  return (
    <Figure
      about={EXPLANATIONS.lens}
      title={`Logit lens of the ${token} over relative depth`}
      name={`compare-lens-${token}`}
      table={() => ({
        columns: ["run", "state", "relative depth", measure, "low", "high", "n facts"],
        rows: series.flatMap((each) =>
          pointsOf(each, measure, token).map(({ state, depth, estimate }) => [
            each.name,
            state,
            depth,
            estimate.value,
            estimate.low,
            estimate.high,
            estimate.n,
          ]),
        ),
      })}
      controls={
        <div className="flex gap-3">
          <ChoiceGroup
            label="Token"
            value={token}
            choices={[
              { value: "answer", label: "Answer" },
              { value: "subject", label: "Subject" },
            ]}
            onChange={(value) => onChange({ token: value })}
          />
          <ChoiceGroup
            label="Measure"
            value={measure}
            choices={[
              { value: "probability", label: "Probability" },
              { value: "centredLogit", label: "Logit" },
            ]}
            onChange={(value) => onChange({ lens: value })}
          />
        </div>
      }
      legend={
        <LineKey
          items={series.map(({ name, color, dash }) => ({ label: name, color, dashed: dash !== undefined }))}
        />
      }
    >
      <PlotFigure label={`Logit lens of the ${token}, all runs`} height={320} draw={draw} />
    </Figure>
  );
}

const pointsOf = ({ run }: Series, measure: Measure, token: Token): Point[] =>
  (run.prediction?.lens.states ?? []).flatMap(({ depth, label }, index) => {
    const estimate = run.prediction?.lens[token][measure][index];
    return estimate ? [{ depth, state: label, estimate }] : [];
  });

function overlay(
  plot: Parameters<DrawPlot>[0],
  series: readonly Series[],
  measure: Measure,
  token: Token,
): ReturnType<DrawPlot> {
  return {
    marginLeft: 52,
    marginRight: 16,
    marginTop: 14,
    marginBottom: 34,
    x: { domain: [0, 1], label: null },
    y: {
      grid: true,
      nice: true,
      zero: true,
      label: null,
      ...(measure === "probability" ? { tickFormat: (value: number) => `${Math.round(value * 100)} %` } : {}),
    },
    marks: [
      plot.axisX({ label: "relative depth", labelAnchor: "center", labelArrow: "none", ticks: 10 }),
      ...series.flatMap((each) => {
        const points = pointsOf(each, measure, token);
        const value = ({ estimate }: Point) => estimate.value ?? Number.NaN;
        return [
          plot.areaY(points, {
            x: "depth",
            y1: ({ estimate }: Point) => estimate.low ?? Number.NaN,
            y2: ({ estimate }: Point) => estimate.high ?? Number.NaN,
            fill: each.color,
            fillOpacity: 0.08,
          }),
          plot.line(points, {
            x: "depth",
            y: value,
            stroke: each.color,
            strokeWidth: 2,
            ...(each.dash ? { strokeDasharray: each.dash } : {}),
          }),
          plot.dot(points, {
            x: "depth",
            y: value,
            r: 6,
            fill: "transparent",
            title: (point: Point) => pointTip(each, point, measure),
          }),
        ];
      }),
    ],
  };
}

const pointTip = ({ name }: Series, { state, depth, estimate }: Point, measure: Measure): string =>
  [
    `${name}`,
    `state\t${state}`,
    `relative depth\t${formatNumber(depth)}`,
    `value\t${formatEstimate(estimate, UNITS[measure])}`,
    `95 % interval\t${formatInterval(estimate, UNITS[measure]) ?? "not defined"}`,
    `n\t${estimate.n} facts`,
  ].join("\n");
