import type { DrawPlot } from "@/charts/plot-figure.tsx";
import { estimateTip } from "@/format/estimates.ts";
import { formatNumber } from "@/format/numbers.ts";
import type { CurveView } from "./compare-state.ts";
import type { Curve, CurvePoint } from "./curves.ts";
import type { Series } from "./series.ts";

export interface DrawnCurve {
  series: Series;
  curve: Curve;
}

/** Curves with their 95 % bands; a distribution over depth has its centre with interval on the axis. */
export function drawCurves(
  plot: Parameters<DrawPlot>[0],
  curves: readonly DrawnCurve[],
  view: CurveView,
  scales: { y: [number, number]; end: number },
): ReturnType<DrawPlot> {
  const { scale } = view;
  const percent = curves.some(({ curve }) => curve.unit === "probability" || curve.unit === "share");
  return {
    marginLeft: 52,
    marginRight: 16,
    marginTop: 14,
    marginBottom: 36,
    x: { domain: [0, scales.end], label: null },
    y: {
      domain: scales.y,
      grid: true,
      nice: true,
      label: null,
      ...(percent ? { tickFormat: (value: number) => `${Math.round(value * 100)} %` } : {}),
    },
    marks: [
      plot.axisX({
        label: scale === "depth" ? "relative depth" : "layer",
        labelAnchor: "center",
        labelArrow: "none",
        ticks: scale === "depth" ? 10 : Math.min(12, Math.ceil(scales.end)),
      }),
      plot.ruleY([0], { stroke: "var(--line-strong)" }),
      ...curves.flatMap((drawn) => curveMarks(plot, drawn, view)),
    ],
  };
}

/** More points than this carry no symbols: they would hide the line. */
const MOST_SYMBOLS = 60;

function curveMarks(plot: Parameters<DrawPlot>[0], { series, curve }: DrawnCurve, { scale }: CurveView) {
  const { points, unit } = curve;
  const { color, dash, symbol, baseline } = series;
  const value = ({ estimate }: CurvePoint) => estimate.value ?? Number.NaN;
  const tip = ({ place, depth, estimate }: CurvePoint) =>
    estimateTip(`${series.name}: ${place}`, estimate, unit, [`relative depth\t${formatNumber(depth)}`]);
  return [
    plot.areaY(points, {
      x: scale,
      y1: ({ estimate }: CurvePoint) => estimate.low ?? Number.NaN,
      y2: ({ estimate }: CurvePoint) => estimate.high ?? Number.NaN,
      fill: color,
      fillOpacity: 0.09,
    }),
    plot.line(points, {
      x: scale,
      y: value,
      stroke: color,
      strokeWidth: baseline ? 2.2 : 1.8,
      ...(dash ? { strokeDasharray: dash } : {}),
    }),
    ...(points.length <= MOST_SYMBOLS
      ? [plot.dot(points, { x: scale, y: value, r: 2.6, symbol, fill: color, stroke: "none" })]
      : []),
    ...centreMarks(plot, series, curve, scale),
    plot.dot(points, { x: scale, y: value, r: 7, fill: "transparent", title: tip }),
  ];
}

/** The centre of mass with its interval, as a mark on the horizontal axis. */
function centreMarks(
  plot: Parameters<DrawPlot>[0],
  series: Series,
  { centre, points }: Curve,
  scale: CurveView["scale"],
) {
  if (centre?.value == null) return [];
  const layers = points.length;
  const at = (depth: number) => (scale === "depth" ? depth : depth * layers - 0.5);
  const tip = estimateTip(`${series.name}: centre of mass`, centre, "share", ["in relative depth"]);
  const one = [centre.value];
  return [
    ...(centre.low !== null && centre.high !== null
      ? [
          plot.link(one, {
            x1: at(centre.low),
            x2: at(centre.high),
            y1: 0,
            y2: 0,
            stroke: series.color,
            strokeWidth: 5,
            strokeOpacity: 0.45,
          }),
        ]
      : []),
    plot.dot(one, {
      x: at(centre.value),
      y: 0,
      r: 4.5,
      symbol: series.symbol,
      fill: series.color,
      stroke: "var(--surface)",
      title: () => tip,
    }),
  ];
}
