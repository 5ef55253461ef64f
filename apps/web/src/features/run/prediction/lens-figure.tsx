"use client";
import { useCallback } from "react";
import { Figure } from "@/charts/figure.tsx";
import { LineKey } from "@/charts/line-key.tsx";
import { type DrawPlot, linked, PlotFigure } from "@/charts/plot-figure.tsx";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { formatEstimate, formatInterval } from "@/format/estimates.ts";
import { formatInteger, type Unit, unitName } from "@/format/numbers.ts";
import type { Estimate } from "@/graphql/fragments.ts";
import { layerMark } from "@/state/mark.ts";
import { oneOf } from "@/state/url-state.ts";
import { ChoiceGroup } from "@/ui/choice-group.tsx";
import { lensQuery, promptLensQuery } from "../figure-queries.ts";
import type { Prediction } from "../queries.ts";
import type { RunView } from "../view-state.ts";
import { type LensMeasure, type LensPoint, lensPoints, lensTable } from "./lens-data.ts";

const MEASURES: readonly { value: LensMeasure; label: string; tip: string }[] = [
  { value: "probability", label: "Probability", tip: "Probability of the token if the model stopped here" },
  { value: "centredLogit", label: "Logit", tip: "Logit minus the vocabulary's mean" },
  { value: "medianRank", label: "Rank", tip: "Median rank over facts, 0 = top" },
];
const AXES = [
  { value: "state", label: "State" },
  { value: "depth", label: "Relative depth" },
] as const;
const UNITS: Record<LensMeasure, Unit> = {
  probability: "probability",
  centredLogit: "logit",
  medianRank: "rank",
};
const NAMES: Record<LensMeasure, string> = {
  probability: "probability of the token",
  centredLogit: "logit of the token minus the vocabulary's mean",
  medianRank: "median rank of the token over facts, 0 = top",
};
const PROMPT_NAMES: Record<LensMeasure, string> = {
  ...NAMES,
  medianRank: "rank of the token, 0 = top,",
};
const COLORS = { answer: "var(--answer)", subject: "var(--subject)" } as const;

/** @param props.prompt index of the prompt that `lens` is of alone; null for means over prompts */
export function LensFigure(props: {
  run: string;
  lens: Prediction["lens"];
  prompt: number | null;
  view: RunView;
  name: string;
}) {
  const { run, lens, prompt, view, name } = props;
  // Of one prompt, runs store no logits.
  const measures = MEASURES.filter(({ value }) => prompt === null || value !== "centredLogit");
  const asked = oneOf(view.values.lens, ["probability", "centredLogit", "medianRank"] as const);
  const measure = measures.some(({ value }) => value === asked) ? asked : "probability";
  const axis = oneOf(view.values.axis, ["state", "depth"] as const);
  const draw = useCallback<DrawPlot>((plot) => lensPlot(plot, lens, measure, axis), [lens, measure, axis]);
  return (
    <Figure
      about={{
        ...EXPLANATIONS.lens,
        unit: `${prompt === null ? NAMES[measure] : `${PROMPT_NAMES[measure]} on prompt ${prompt}`}, ${EXPLANATIONS.lens.unit}`,
      }}
      name={`${name}-${measure}${prompt === null ? "" : `-prompt-${prompt}`}`}
      query={
        prompt === null
          ? lensQuery(run, measure)
          : promptLensQuery(run, prompt, measure === "medianRank" ? "rank" : "probability")
      }
      table={() => lensTable(lens, measure)}
      controls={
        <div className="flex gap-3">
          <ChoiceGroup
            label="Measure"
            value={measure}
            choices={measures}
            onChange={(value) => view.set({ lens: value })}
          />
          <ChoiceGroup
            label="Horizontal axis"
            value={axis}
            choices={AXES}
            onChange={(value) => view.set({ axis: value })}
          />
        </div>
      }
      legend={
        <LineKey
          items={[
            { label: "subject", color: COLORS.subject, dashed: true },
            { label: "answer", color: COLORS.answer },
          ]}
        />
      }
    >
      <PlotFigure label="Logit lens of subject and answer through the layers" height={320} draw={draw} />
    </Figure>
  );
}

function lensPlot(
  plot: Parameters<DrawPlot>[0],
  lens: Prediction["lens"],
  measure: LensMeasure,
  axis: "state" | "depth",
): ReturnType<DrawPlot> {
  const points = lensPoints(lens, measure);
  const place = (point: LensPoint) => (axis === "depth" ? point.depth : point.index);
  const last = lens.states.length - 1;
  const ticks = layerTicks(lens, 16);
  const rank = measure === "medianRank";
  // Ranks are drawn on a logarithmic axis, so 0 (= top) is shifted to 1.
  const height = (value: number | null) => (value === null ? Number.NaN : rank ? value + 1 : value);
  const half = axis === "depth" ? 0.5 / last : 0.5;
  return {
    marginLeft: 52,
    marginRight: 16,
    marginTop: 14,
    marginBottom: 34,
    x: axis === "depth" ? { domain: [0, 1], label: null } : { domain: [-0.5, last + 0.5], label: null },
    y: rank
      ? {
          type: "log",
          reverse: true,
          label: null,
          grid: true,
          tickFormat: (value: number) => formatInteger(value - 1),
        }
      : {
          label: null,
          grid: true,
          nice: true,
          zero: true,
          ...(measure === "probability"
            ? { tickFormat: (value: number) => `${Math.round(value * 100)} %` }
            : {}),
        },
    marks: [
      axis === "depth"
        ? plot.axisX({ label: "relative depth", labelAnchor: "center", labelArrow: "none", ticks: 10 })
        : plot.axisX(
            ticks.map(({ index }) => index),
            { tickFormat: (index: number) => lens.states[index]?.label ?? "", tickSize: 4 },
          ),
      plot.areaY(points, {
        x: place,
        y1: (point: LensPoint) => height(point.low),
        y2: (point: LensPoint) => height(point.high),
        z: "series",
        fill: (point: LensPoint) => COLORS[point.series],
        fillOpacity: 0.14,
      }),
      ...(["subject", "answer"] as const).map((series) =>
        plot.line(
          points.filter((point) => point.series === series),
          {
            x: place,
            y: (point: LensPoint) => height(point.value),
            stroke: COLORS[series],
            strokeWidth: 2,
            ...(series === "subject" ? { strokeDasharray: "6 4" } : {}),
          },
        ),
      ),
      plot.dot(points, {
        x: place,
        y: (point: LensPoint) => height(point.value),
        r: last > 40 ? 1.6 : 2.6,
        fill: (point: LensPoint) => COLORS[point.series],
      }),
      plot.rect(lens.states, {
        x1: (state: { depth: number }, index: number) => (axis === "depth" ? state.depth : index) - half,
        x2: (state: { depth: number }, index: number) => (axis === "depth" ? state.depth : index) + half,
        fill: "transparent",
        className: "hover-column",
        title: ({ layer }: { layer: number }, index: number) =>
          linked(layerMark(layer), stateTip(lens, index, measure)),
      }),
    ],
  };
}

function stateTip(lens: Prediction["lens"], index: number, measure: LensMeasure): string {
  const state = lens.states[index];
  const first: Estimate | undefined = lens.answer.probability[index];
  const prompt = first?.prompt;
  const lines = [`State ${state?.label} of the last position`];
  for (const series of ["subject", "answer"] as const) {
    if (measure === "medianRank") {
      const rank = lens[series].medianRank[index] ?? null;
      lines.push(
        `${series}, ${prompt === undefined ? "median rank" : "rank"}\t${rank === null ? "not observed" : formatInteger(rank)}`,
      );
      continue;
    }
    const estimate = lens[series][measure][index];
    if (!estimate) continue;
    const interval = formatInterval(estimate, UNITS[measure]);
    lines.push(`${series}\t${formatEstimate(estimate, UNITS[measure])}`);
    if (interval) lines.push(`95 % interval\t${interval}`);
    if (estimate.value === null && estimate.reason) lines.push(estimate.reason);
  }
  lines.push(
    prompt === undefined
      ? `n\t${lens.answer.probability[index]?.n ?? 0} facts`
      : `of\tprompt ${prompt} alone`,
  );
  lines.push(`unit\t${unitName(UNITS[measure])}`);
  return lines.join("\n");
}

/** States at which the axis carries a label: ends of layers, thinned out to about `most`. */
function layerTicks(lens: Prediction["lens"], most: number): { index: number }[] {
  const ends = lens.states.flatMap((state, index) => (state.point === "POST" ? [{ index }] : []));
  if (lens.states.length <= most) return lens.states.map((_, index) => ({ index }));
  const step = Math.ceil(ends.length / most);
  return ends.filter((_, position) => (ends.length - 1 - position) % step === 0);
}
