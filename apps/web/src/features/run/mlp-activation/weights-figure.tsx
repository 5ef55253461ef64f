"use client";
import { useMemo } from "react";
import { ColorLegend } from "@/charts/color-legend.tsx";
import { divergingScale, largest } from "@/charts/color-scale.ts";
import { EstimateBars } from "@/charts/estimate-bars.tsx";
import { Figure } from "@/charts/figure.tsx";
import { HeatMap } from "@/charts/heat-map.tsx";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { estimateTip } from "@/format/estimates.ts";
import { useWidth } from "@/state/use-size.ts";
import { useIsDark } from "@/ui/theme-provider.tsx";
import { weightsQuery } from "../figure-queries.ts";
import type { Decomposition, HeadWeight } from "../queries.ts";
import { VERDICTS } from "./weights.ts";

interface WeightsFigureProps {
  run: string;
  fit: Decomposition;
  /** Facts behind the fit. */
  facts: number;
  name: string;
}

export function WeightsFigure({ run, fit, facts, name }: WeightsFigureProps) {
  const layers = new Set(fit.weights.map(({ layer }) => layer));
  return (
    <Figure
      about={EXPLANATIONS.weights}
      title={`What MLP${fit.layer} does with each head`}
      name={name}
      query={weightsQuery(run, fit.regressors, fit.layer)}
      table={() => weightsCsv(fit, facts)}
      legend={layers.size > 1 ? <WeightLegend fit={fit} /> : undefined}
    >
      {layers.size > 1 ? <WeightMap fit={fit} facts={facts} /> : <WeightBars fit={fit} facts={facts} />}
    </Figure>
  );
}

/** Weights beyond ±2 are drawn in the scale's end colour, so that one wild weight does not bleach the others. */
const scaleOf = (fit: Decomposition, dark: boolean) =>
  divergingScale(Math.min(2, Math.max(0.5, largest(fit.weights.map(({ weight }) => weight)))), dark);

function WeightLegend({ fit }: { fit: Decomposition }) {
  const dark = useIsDark();
  return <ColorLegend scale={scaleOf(fit, dark)} unit="effect" label="w" />;
}

function WeightMap({ fit, facts }: { fit: Decomposition; facts: number }) {
  const dark = useIsDark();
  const [frame, width] = useWidth<HTMLDivElement>();
  const scale = useMemo(() => scaleOf(fit, dark), [fit, dark]);
  const layers = Math.max(...fit.weights.map(({ layer }) => layer)) + 1;
  const heads = fit.weights.length / layers;
  const cells = useMemo(
    () =>
      fit.weights.map((weight) => ({
        layer: weight.layer,
        head: weight.head,
        estimate: asEstimate(weight, facts),
        tip: () => weightTip(weight, facts),
      })),
    [fit, facts],
  );
  const height = Math.min(520, Math.max(180, layers * 22 + 20));
  return (
    <div ref={frame} style={{ minHeight: height }} className="flex justify-center">
      {width && (
        <HeatMap
          label={`Weights of the heads in MLP${fit.layer}`}
          unit="weight"
          layers={layers}
          heads={heads}
          cells={cells}
          scale={scale}
          room={{ width, height }}
        />
      )}
    </div>
  );
}

function WeightBars({ fit, facts }: { fit: Decomposition; facts: number }) {
  const bars = useMemo(
    () =>
      fit.weights.map((weight) => ({
        label: weight.label,
        estimate: asEstimate(weight, facts),
        extra: [VERDICTS[weight.verdict].label],
      })),
    [fit, facts],
  );
  return <EstimateBars label={`Weights of the heads in MLP${fit.layer}`} bars={bars} unit="effect" />;
}

const asEstimate = (weight: HeadWeight, facts: number) => ({
  value: weight.weight,
  low: weight.low,
  high: weight.high,
  n: facts,
  reason: weight.identifiable ? null : VERDICTS.NOT_IDENTIFIABLE.meaning,
});

const weightTip = (weight: HeadWeight, facts: number): string =>
  estimateTip(`${weight.label}: w, ${VERDICTS[weight.verdict].label}`, asEstimate(weight, facts), "weight");

export const weightsCsv = (fit: Decomposition, facts: number) => ({
  columns: ["head", "layer", "index", "value", "low", "high", "n facts", "standard_error", "verdict"],
  rows: fit.weights.map((weight) => [
    weight.label,
    weight.layer,
    weight.head,
    weight.weight,
    weight.low,
    weight.high,
    facts,
    weight.standardError,
    VERDICTS[weight.verdict].label,
  ]),
});
