"use client";
import { Slider } from "radix-ui";
import { useCallback } from "react";
import { Figure } from "@/charts/figure.tsx";
import { LineKey } from "@/charts/line-key.tsx";
import { type DrawPlot, PlotFigure } from "@/charts/plot-figure.tsx";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { formatEstimate, formatInterval } from "@/format/estimates.ts";
import { type Unit, unitName } from "@/format/numbers.ts";
import { oneOf } from "@/state/url-state.ts";
import { useAhead } from "@/state/use-ahead.ts";
import { estimateColumns } from "@/table/estimate-columns.ts";
import { ChoiceGroup } from "@/ui/choice-group.tsx";
import { EstimateValue } from "@/ui/number.tsx";
import { sweepQuery } from "../figure-queries.ts";
import type { FinalLayer } from "../queries.ts";
import type { RunView } from "../view-state.ts";
import { TARGETS } from "./targets.ts";

type Sweep = FinalLayer["sweeps"][number];
type Measure = "logProb" | "probability" | "meanRank" | "top1" | "candidateTop1";
const MEASURES: Record<Measure, { label: string; name: string; unit: Unit }> = {
  logProb: { label: "log p", name: "log-probability of the answer, nats", unit: "nats" },
  probability: { label: "p(answer)", name: "probability of the answer", unit: "probability" },
  meanRank: { label: "Rank", name: "mean rank of the answer, 0 = top", unit: "rank" },
  top1: { label: "Top-1", name: "share of prompts with the answer on top", unit: "probability" },
  candidateTop1: {
    label: "Top-1 of candidates",
    name: "share of prompts with the answer first among the candidates",
    unit: "probability",
  },
};
const MEASURE_NAMES = Object.keys(MEASURES) as [Measure, ...Measure[]];

/** Half the distance of two alphas: the columns that carry the tooltips are this wide on either side. */
const HALF_STEP = 0.05;

/** Curves over alpha with a slider that reads all of them at one value. */
export function SweepFigure(props: { run: string; data: FinalLayer; view: RunView; name: string }) {
  const { run, data, view, name } = props;
  const { sweeps } = data;
  const measure = oneOf(view.values.sweep, MEASURE_NAMES);
  const alphas = sweeps[0]?.points.map(({ alpha }) => alpha) ?? [];
  const [held, setHeld] = useAhead(view.values.alpha, (next) => view.set({ alpha: next }, "replace"));
  const alpha = nearest(alphas, Number(held));
  const draw = useCallback<DrawPlot>(
    (plot) => sweepPlot(plot, sweeps, measure, alpha ?? 1),
    [sweeps, measure, alpha],
  );
  if (alpha === null) return null;
  return (
    <Figure
      about={{ ...EXPLANATIONS.sweep, unit: `${MEASURES[measure].name}; ${EXPLANATIONS.sweep.unit}` }}
      name={`${name}-${measure}`}
      query={sweepQuery(run, measure)}
      table={() => ({
        columns: ["target", "alpha", "value", "low", "high", "n facts"],
        rows: sweeps.flatMap((sweep) =>
          sweep.points.map((point) => [
            TARGETS[sweep.target].label,
            point.alpha,
            ...estimateColumns(point[measure]),
          ]),
        ),
      })}
      controls={
        <ChoiceGroup
          label="Measure"
          value={measure}
          choices={MEASURE_NAMES.map((value) => ({ value, label: MEASURES[value].label }))}
          onChange={(value) => view.set({ sweep: value })}
        />
      }
      legend={
        <LineKey
          items={sweeps.map(({ target }) => ({
            label: TARGETS[target].label,
            color: TARGETS[target].color,
            dashed: TARGETS[target].dash !== undefined,
          }))}
        />
      }
    >
      <div className="grid items-center gap-x-8 lg:grid-cols-[minmax(0,1fr)_300px]">
        <div>
          <PlotFigure label={`${MEASURES[measure].label} over alpha`} height={260} draw={draw} />
          <Slider.Root
            data-export="no"
            className="relative mr-2 ml-[44px] flex h-5 touch-none items-center"
            min={(alphas[0] ?? 0) - HALF_STEP}
            max={(alphas.at(-1) ?? 1) + HALF_STEP}
            step={HALF_STEP}
            value={[alpha]}
            onValueChange={([next]) => setHeld(String(moved(alphas, alpha, next ?? alpha)))}
          >
            <Slider.Track className="h-1 flex-1 rounded-full bg-sunken" />
            <Slider.Thumb
              aria-label="alpha"
              className="block size-4 rounded-full border-2 border-ink bg-surface transition-transform hover:scale-110"
            />
          </Slider.Root>
        </div>
        <AlphaReadout sweeps={sweeps} alpha={alpha} />
      </div>
    </Figure>
  );
}

function nearest(alphas: readonly number[], wanted: number): number | null {
  const target = Number.isFinite(wanted) ? wanted : 1;
  return alphas.reduce<number | null>(
    (best, alpha) => (best === null || Math.abs(alpha - target) < Math.abs(best - target) ? alpha : best),
    null,
  );
}

/** The slider moves by half the distance of two alphas, so that its ends meet those of the chart: half a step is a whole one. */
function moved(alphas: readonly number[], from: number, to: number): number {
  const wanted = nearest(alphas, to) ?? from;
  if (wanted !== from || to === from) return wanted;
  return alphas[alphas.indexOf(from) + Math.sign(to - from)] ?? from;
}

const pointAt = (sweep: Sweep, alpha: number) => sweep.points.find((point) => point.alpha === alpha);

/** All measures of all curves at the slider's alpha. */
function AlphaReadout({ sweeps, alpha }: { sweeps: readonly Sweep[]; alpha: number }) {
  return (
    <div>
      <p className="text-xl font-semibold">
        α = {alpha.toFixed(1)}
        {Math.abs(alpha - 1) < 1e-6 && (
          <span className="ml-2 text-sm font-normal text-ink-3">the model as it is</span>
        )}
      </p>
      <table className="mt-2 w-full text-sm" aria-label={`Measures at alpha ${alpha.toFixed(1)}`}>
        <thead>
          <tr className="text-xs text-ink-3">
            <th className="py-1 text-left font-medium">Scaled</th>
            {sweeps.map(({ target }) => (
              <th key={target} className="py-1 text-right font-medium">
                {TARGETS[target].label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {MEASURE_NAMES.map((measure) => (
            <tr key={measure} className="border-t border-line/70">
              <th scope="row" className="py-1.5 text-left font-normal text-ink-2">
                {MEASURES[measure].label}
              </th>
              {sweeps.map((sweep) => {
                const point = pointAt(sweep, alpha);
                return (
                  <td key={sweep.target} className="py-1.5 text-right">
                    {point && (
                      <EstimateValue
                        estimate={point[measure]}
                        unit={MEASURES[measure].unit}
                        label={`${TARGETS[sweep.target].label} × ${alpha.toFixed(1)}: ${MEASURES[measure].label}`}
                      />
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function sweepPlot(
  plot: Parameters<DrawPlot>[0],
  sweeps: readonly Sweep[],
  measure: Measure,
  alpha: number,
): ReturnType<DrawPlot> {
  const { unit } = MEASURES[measure];
  const share = unit === "probability";
  const alphas = sweeps[0]?.points.map((point) => point.alpha) ?? [];
  const marks = sweeps.flatMap((sweep) => {
    const { color, dash } = TARGETS[sweep.target];
    const value = (point: Sweep["points"][number]) => point[measure].value ?? Number.NaN;
    const reading = pointAt(sweep, alpha);
    return [
      plot.areaY(sweep.points, {
        x: "alpha",
        y1: (point: Sweep["points"][number]) => point[measure].low ?? Number.NaN,
        y2: (point: Sweep["points"][number]) => point[measure].high ?? Number.NaN,
        fill: color,
        fillOpacity: sweep.target === "JOINT" ? 0.09 : 0.05,
      }),
      plot.line(sweep.points, {
        x: "alpha",
        y: value,
        stroke: color,
        strokeWidth: 2,
        ...(dash ? { strokeDasharray: dash } : {}),
      }),
      plot.dot(reading ? [reading] : [], {
        x: "alpha",
        y: value,
        r: 4,
        fill: color,
        stroke: "var(--surface)",
        strokeWidth: 1.5,
      }),
    ];
  });
  return {
    marginLeft: 52,
    marginRight: 16,
    marginTop: 14,
    marginBottom: 34,
    x: { label: null, domain: [(alphas[0] ?? 0) - HALF_STEP, (alphas.at(-1) ?? 1) + HALF_STEP] },
    y: {
      grid: true,
      nice: true,
      label: null,
      reverse: measure === "meanRank",
      ...(share ? { tickFormat: (value: number) => `${Math.round(value * 100)} %` } : {}),
    },
    marks: [
      plot.axisX({ label: "α", labelAnchor: "center", labelArrow: "none", ticks: 8 }),
      plot.ruleX([1], { stroke: "var(--line-strong)", strokeDasharray: "3 3" }),
      plot.ruleX([alpha], { stroke: "var(--ink)", strokeWidth: 1.2 }),
      ...marks,
      plot.rect(sweeps[0]?.points ?? [], {
        x1: (point: { alpha: number }) => point.alpha - HALF_STEP,
        x2: (point: { alpha: number }) => point.alpha + HALF_STEP,
        fill: "transparent",
        className: "hover-column",
        title: (point: { alpha: number }) => sweepTip(sweeps, measure, point.alpha),
      }),
    ],
  };
}

function sweepTip(sweeps: readonly Sweep[], measure: Measure, alpha: number): string {
  const { label, unit } = MEASURES[measure];
  const lines = sweeps.flatMap((sweep) => {
    const point = pointAt(sweep, alpha);
    if (!point) return [];
    const interval = formatInterval(point[measure], unit);
    return [
      `${TARGETS[sweep.target].label}\t${formatEstimate(point[measure], unit)}`,
      ...(interval ? [`95 % interval\t${interval}`] : []),
    ];
  });
  const n = sweeps[0] && pointAt(sweeps[0], alpha)?.[measure].n;
  return [
    `${label} at α = ${alpha.toFixed(1)}`,
    ...lines,
    `n\t${n ?? 0} facts`,
    `unit\t${unitName(unit)}`,
  ].join("\n");
}
