import { scaleLinear } from "d3-scale";
import { interpolateRdBu } from "d3-scale-chromatic";

/** How a quantity is coloured: signed values diverge around 0, shares and probabilities rise from 0. */
export type ScaleKind = "diverging" | "sequential";

export interface ColorScale {
  kind: ScaleKind;
  /** The value at the end of the scale; a diverging one runs from -max to max. */
  max: number;
  color: (value: number) => string;
}

const DARK_DIVERGING = ["#ff8f7a", "#b5473c", "#1f252b", "#2f6fa8", "#7cc0ff"];
const LIGHT_SEQUENTIAL = ["#f3f2f0", "#f8d6a2", "#d9822b", "#7a3604"];
const DARK_SEQUENTIAL = ["#1b2026", "#5f3a14", "#bf7326", "#ffd7a1"];

/** Negative red, positive blue, 0 in the paper's own tone; both ends tell apart under all common colour-vision deficiencies. */
export function divergingScale(max: number, dark: boolean): ColorScale {
  const end = max > 0 ? max : 1;
  const clamp = (value: number) => Math.max(-1, Math.min(1, value / end));
  const onDark = scaleLinear<string>().domain([-1, -0.5, 0, 0.5, 1]).range(DARK_DIVERGING);
  const color = dark
    ? (value: number) => onDark(clamp(value))
    : (value: number) => interpolateRdBu(0.5 + 0.46 * clamp(value));
  return { kind: "diverging", max: end, color };
}

export function sequentialScale(max: number, dark: boolean): ColorScale {
  const end = max > 0 ? max : 1;
  const clamp = (value: number) => Math.max(0, Math.min(1, value / end));
  const ramp = scaleLinear<string>()
    .domain([0, 0.33, 0.67, 1])
    .range(dark ? DARK_SEQUENTIAL : LIGHT_SEQUENTIAL);
  return { kind: "sequential", max: end, color: (value) => ramp(clamp(value)) };
}

/** A scale that ends at `max` or just above it, at a round number. */
export const colorScale = (kind: ScaleKind, max: number, dark: boolean): ColorScale =>
  kind === "diverging" ? divergingScale(roundUp(max), dark) : sequentialScale(roundUp(max), dark);

/** The next number of two significant digits whose second one is even: 0.498 -> 0.5, 2.72 -> 2.8. */
export function roundUp(value: number): number {
  if (value <= 0) return 0;
  const unit = 2 * 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.ceil(value / unit - 1e-9) * unit).toPrecision(6));
}

/** Largest absolute value that was observed, 0 when none was. */
export const largest = (values: Iterable<number | null>): number => {
  let max = 0;
  for (const value of values) if (value !== null) max = Math.max(max, Math.abs(value));
  return max;
};

/** The ink that reads better on a `rgb(...)` or `#rrggbb` colour (WCAG relative luminance). */
export function inkOn(color: string): string {
  const channels = color.startsWith("#")
    ? [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16))
    : (color.match(/\d+(\.\d+)?/g) ?? []).slice(0, 3).map(Number);
  const [red = 0, green = 0, blue = 0] = channels.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 ? "#12161b" : "#ffffff";
}

/** Hues of runs that are compared, one per model; the baseline is drawn in ink. */
export const SERIES_COLORS = [1, 2, 3, 4, 5, 6].map((index) => `var(--series-${index})`);
