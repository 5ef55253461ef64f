"use client";
import { useCallback, useMemo } from "react";
import { Figure } from "@/charts/figure.tsx";
import { type DrawPlot, PlotFigure } from "@/charts/plot-figure.tsx";
import { EXPLANATIONS, type Explanation } from "@/features/explanations.ts";
import { estimateColumns } from "@/table/estimate-columns.ts";
import { ChoiceGroup } from "@/ui/choice-group.tsx";
import { Section } from "@/ui/page.tsx";
import type { CurveKind, CurveView } from "./compare-state.ts";
import { type Curve, curveOf, endOf, extentOf } from "./curves.ts";
import { type DrawnCurve, drawCurves } from "./draw-curves.ts";
import type { ComparedRun, Comparison } from "./queries.ts";
import type { Series } from "./series.ts";
import { SeriesMark } from "./series-mark.tsx";

const CURVE_NAMES: Record<CurveKind, { label: string; title: string; about: Explanation }> = {
  answer: { label: "Answer", title: "Logit lens of the answer", about: EXPLANATIONS.lens },
  subject: { label: "Subject", title: "Logit lens of the subject", about: EXPLANATIONS.lens },
  mass: { label: "Head effects", title: "Where the head effects lie", about: EXPLANATIONS.headMass },
  cumulative: {
    label: "Summed",
    title: "Head effects summed over depth",
    about: EXPLANATIONS.headMassCumulative,
  },
  mlps: { label: "MLPs", title: "MLPs: direct logit attribution", about: EXPLANATIONS.mlpAttribution },
};

/** What a curve shows, its formula and source. */
export const explanationOf = (curve: CurveKind): Explanation => CURVE_NAMES[curve].about;

/** Curves over the layers of all runs: laid over each other, or side by side on one scale. */
export function LayerCurves(props: {
  comparison: Comparison;
  series: readonly Series<ComparedRun>[];
  view: CurveView;
  onChange: (change: Partial<CurveView>) => void;
}) {
  const { comparison, series, view, onChange } = props;
  const { title, about } = CURVE_NAMES[view.curve];
  const lens = view.curve === "answer" || view.curve === "subject";
  const curves = useMemo<DrawnCurve[]>(
    () =>
      comparison.runs.flatMap((run, place) => {
        const drawn = series[place];
        return drawn ? [{ series: drawn, curve: curveOf(run, view) }] : [];
      }),
    [comparison, series, view],
  );
  const scales = useMemo(() => {
    const all = curves.map(({ curve }) => curve);
    return { y: extentOf(all), end: endOf(all, view.scale) };
  }, [curves, view.scale]);
  return (
    <Section
      title="Through the layers"
      className="mt-2"
      aside={
        <div className="flex flex-wrap items-center justify-end gap-2">
          <ChoiceGroup
            label="Curve"
            value={view.curve}
            choices={Object.entries(CURVE_NAMES).map(([value, { label, title: tip }]) => ({
              value: value as CurveKind,
              label,
              tip,
            }))}
            onChange={(curve) => onChange({ curve })}
          />
          {lens && (
            <ChoiceGroup
              label="Measure"
              value={view.measure}
              choices={[
                { value: "probability", label: "Probability" },
                { value: "centredLogit", label: "Logit" },
              ]}
              onChange={(measure) => onChange({ measure })}
            />
          )}
          <ChoiceGroup
            label="Horizontal axis"
            value={view.scale}
            choices={[
              { value: "depth", label: "Relative depth", tip: "0 = embedding, 1 = output" },
              { value: "layer", label: "Layer", tip: "layers as each model counts them" },
            ]}
            onChange={(scale) => onChange({ scale })}
          />
          <ChoiceGroup
            label="Layout"
            value={view.layout}
            choices={[
              { value: "overlay", label: "Overlay" },
              { value: "multiples", label: "Side by side" },
            ]}
            onChange={(layout) => onChange({ layout })}
          />
        </div>
      }
    >
      {view.layout === "overlay" ? (
        <CurveFigure
          title={title}
          about={about}
          name={`compare-${view.curve}`}
          curves={curves}
          view={view}
          scales={scales}
          height={320}
          legend={<RunKey series={series} />}
        />
      ) : (
        <div className="grid grid-cols-[repeat(auto-fit,minmax(280px,1fr))] gap-4">
          {curves.map((each) => (
            <CurveFigure
              key={each.series.run.id}
              title={each.series.name}
              about={about}
              name={`${view.curve}-${each.series.run.key}`}
              curves={[each]}
              view={view}
              scales={scales}
              height={200}
              compact
            />
          ))}
        </div>
      )}
    </Section>
  );
}

function CurveFigure(props: {
  title: string;
  about: Explanation;
  name: string;
  curves: readonly DrawnCurve[];
  view: CurveView;
  scales: { y: [number, number]; end: number };
  height: number;
  legend?: React.ReactNode;
  compact?: boolean;
}) {
  const { title, about, curves, view, scales } = props;
  const draw = useCallback<DrawPlot>(
    (plot) => drawCurves(plot, curves, view, scales),
    [curves, view, scales],
  );
  const where = view.scale === "depth" ? "relative depth" : "layer";
  return (
    <Figure
      about={about}
      title={props.compact ? title : `${title} by ${where}`}
      name={props.name}
      compact={props.compact ?? false}
      table={() => tableOf(curves, view)}
      legend={props.legend}
    >
      <PlotFigure label={`${title} by ${where}`} height={props.height} draw={draw} />
    </Figure>
  );
}

const tableOf = (curves: readonly DrawnCurve[], view: CurveView) => ({
  columns: ["run", "place", "relative depth", "layer", view.curve, "low", "high", "n facts"],
  rows: curves.flatMap(({ series, curve }: { series: Series; curve: Curve }) =>
    curve.points.map(({ place, depth, layer, estimate }) => [
      series.name,
      place,
      depth,
      layer,
      ...estimateColumns(estimate),
    ]),
  ),
});

/** Which line is which run. */
function RunKey({ series }: { series: readonly Series[] }) {
  return (
    <ul className="flex flex-wrap gap-x-5 gap-y-1 text-xs text-ink-2">
      {series.map((each) => (
        <li key={each.run.id} className="flex items-center gap-1.5">
          <SeriesMark series={each} />
          {each.name}
        </li>
      ))}
    </ul>
  );
}
