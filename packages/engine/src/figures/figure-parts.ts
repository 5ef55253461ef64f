import type { Estimate } from "../results/estimate.ts";
import { notObserved } from "../results/estimate.ts";
import type { Figure, FigureText } from "../results/figure.ts";

/** Size of the model that a report is about. */
export interface ModelShape {
  layers: number;
  headsPerLayer: number;
}

/** A number per head, from entries in any order; heads without an entry were not observed. */
export function headsFigure<Entry extends { layer: number; head: number | null }>(
  text: FigureText,
  { layers, headsPerLayer }: ModelShape,
  entries: readonly Entry[],
  pick: (entry: Entry) => Estimate,
  marked: readonly string[] = [],
): Figure {
  const cells = Array.from({ length: layers * headsPerLayer }, () => notObserved("not measured"));
  for (const entry of entries)
    if (entry.head !== null) cells[entry.layer * headsPerLayer + entry.head] = pick(entry);
  return { ...text, kind: "HEADS", layers, headsPerLayer, cells, marked };
}

export const layerTicks = (layers: number): string[] => Array.from({ length: layers }, (_, l) => String(l));

/** Lines over layers; layers that a line has no point for were not observed. */
export function layersFigure(
  text: FigureText,
  { layers }: Pick<ModelShape, "layers">,
  series: readonly { label: string; points: readonly { layer: number; estimate: Estimate }[] }[],
): Figure {
  return {
    ...text,
    kind: "LINES",
    axis: "layer",
    ticks: layerTicks(layers),
    series: series.map(({ label, points }) => ({
      label,
      points: layerTicks(layers).map(
        (_, layer) => points.find((point) => point.layer === layer)?.estimate ?? notObserved("not measured"),
      ),
    })),
  };
}

/** A number without an interval, as figures want it. */
export const bare = (value: number | null, reason = "not observed"): Estimate =>
  value === null ? notObserved(reason) : { value, low: null, high: null, n: 0 };

/** `0.63 [0.61, 0.66]`, or why there is no number. */
export function inWords({ value, low, high, reason }: Estimate, unit = ""): string {
  if (value === null) return `not observed${reason ? `: ${reason}` : ""}`;
  const interval = low === null || high === null ? "" : ` [${short(low)}, ${short(high)}]`;
  return `${short(value)}${unit}${interval}`;
}

export const short = (value: number): string =>
  value === 0
    ? "0"
    : Math.abs(value) >= 100
      ? value.toFixed(0)
      : Math.abs(value) < 1e-3
        ? value.toExponential(1)
        : value.toPrecision(3);
