import type { Estimate } from "@recallscope/engine";

/** 1234567 -> `1,234,567`. */
export const grouped = (value: number): string => value.toLocaleString("en-US");

export const scientific = (value: number): string => value.toExponential(1);

/** Three significant digits, without an exponent where a person would not use one. */
export function short(value: number | null): string {
  if (value === null) return "-";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(2);
  return size >= 100
    ? value.toFixed(0)
    : size >= 10
      ? value.toFixed(1)
      : size >= 1
        ? value.toFixed(2)
        : value.toFixed(3);
}

export const percent = (value: number | null): string =>
  value === null ? "-" : `${(100 * value).toFixed(1)} %`;

/** `0.812 [0.750, 0.870]`, or why there is no number. */
export function withInterval(estimate: Estimate, print: (value: number | null) => string = short): string {
  if (estimate.value === null) return `not observed${estimate.reason ? ` (${estimate.reason})` : ""}`;
  const interval =
    estimate.low === null || estimate.high === null
      ? ""
      : ` [${print(estimate.low)}, ${print(estimate.high)}]`;
  return `${print(estimate.value)}${interval}`;
}

/** A number of a short grid or a rank, as it is. */
export const plain = (value: number | null): string =>
  value === null ? "-" : String(Number(value.toFixed(2)));

/** Three significant digits of a number with its prefix: 1.23e12 -> `1.23 T`. */
function prefixed(value: number, prefixes: readonly string[]): string {
  let [scaled, at] = [value, 0];
  while (scaled >= 999.5 && at < prefixes.length - 1) {
    scaled /= 1000;
    at++;
  }
  return `${Number(scaled.toPrecision(3))} ${prefixes[at]}`;
}

export const bytes = (value: number): string => prefixed(value, ["B", "kB", "MB", "GB", "TB"]);
export const flops = (value: number): string =>
  prefixed(value, ["FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP"]);

/** `0.4 s`, `38 s`, `4.2 min`, `1.5 h`. */
export const duration = (seconds: number): string =>
  seconds < 90
    ? `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
    : seconds < 5400
      ? `${Number((seconds / 60).toPrecision(2))} min`
      : `${Number((seconds / 3600).toPrecision(2))} h`;
