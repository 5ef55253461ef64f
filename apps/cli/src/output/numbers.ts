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
