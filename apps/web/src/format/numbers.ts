/** Units of the numbers on the pages; probabilities and shares print as per cent. */
export type Unit =
  | "probability"
  | "share"
  | "logit"
  | "nats"
  | "rank"
  | "effect"
  | "weight"
  | "r2"
  | "cosine"
  | "count";

const UNIT_NAMES: Record<Unit, string> = {
  probability: "probability",
  share: "share",
  logit: "logits",
  nats: "nats",
  rank: "rank, 0 = top",
  effect: "normalised effect, 0 = corrupted, 1 = clean",
  weight: "1 + w",
  r2: "R²",
  cosine: "cosine",
  count: "count",
};
/** Quantities whose sign carries meaning: it is always printed. */
export const isSigned = (unit: Unit): boolean => ["logit", "nats", "effect", "cosine"].includes(unit);
export const unitName = (unit: Unit): string => UNIT_NAMES[unit];

const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const superscript = (power: number): string =>
  (power < 0 ? "⁻" : "") +
  String(Math.abs(power)).replace(/\d/g, (digit) => SUPERSCRIPT[Number(digit)] ?? digit);

const grouped = new Intl.NumberFormat("en-US");

/** Three significant digits, typographic minus, powers of ten below 0.001: `−0.0123`, `1,234`, `3.10 × 10⁻⁷`. */
export function formatNumber(value: number, digits = 3): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  if (size < 1e-3) {
    const [mantissa, power] = size.toExponential(digits - 1).split("e");
    return `${sign}${mantissa} × 10${superscript(Number(power))}`;
  }
  if (size >= 999.5) return sign + grouped.format(Math.round(size));
  return sign + size.toPrecision(digits);
}

/** For columns of numbers: three significant digits but never more than three decimals, so that small values line up. */
export const formatDecimal = (value: number): string =>
  Math.abs(value) >= 0.1
    ? formatNumber(value)
    : Math.abs(value) < 0.0005
      ? "0.000"
      : value.toFixed(3).replace("-", "−");

/** As `formatDecimal`, in the way the unit is usually read: `63.4 %`, `0.412`, rank `2`. */
export function formatValue(value: number, unit: Unit): string {
  if (unit === "probability" || unit === "share") {
    const percent = value * 100;
    return `${Math.abs(percent) < 10 ? percent.toFixed(1).replace("-", "−") : formatNumber(percent)} %`;
  }
  if (unit === "rank" && Number.isInteger(value)) return formatInteger(value);
  if (unit === "count") return formatInteger(value);
  return formatDecimal(value);
}

/** With an explicit plus: for changes and signed effects. */
export const formatSigned = (value: number, unit: Unit): string =>
  (value > 0 ? "+" : "") + formatValue(value, unit);

/** A difference: shares and probabilities in points, the sign always printed: `+3.20 pts`, `−0.041`, `±0`. */
export function formatDelta(value: number, unit: Unit): string {
  if (value === 0) return "±0";
  return unit === "probability" || unit === "share"
    ? `${formatSigned(value * 100, "effect")} pts`
    : formatSigned(value, unit);
}

/** `−1.20 to +3.40 pts`, or null where no interval is defined. */
export function formatDeltaInterval(
  { low, high }: { low: number | null; high: number | null },
  unit: Unit,
): string | null {
  if (low === null || high === null) return null;
  return `${formatDelta(low, unit).replace(" pts", "")} to ${formatDelta(high, unit)}`;
}

export const formatInteger = (value: number): string => grouped.format(Math.round(value)).replace("-", "−");

/** `134.5 M`, `1.02 M`, `7.2 B`. */
export function formatCount(value: number): string {
  for (const [size, suffix] of [
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "K"],
  ] as const) {
    if (value >= size) return `${formatNumber(value / size)} ${suffix}`;
  }
  return formatInteger(value);
}

/** `3.2 GB`, `640 kB`: powers of ten. */
export function formatBytes(bytes: number): string {
  for (const [size, suffix] of [
    [1e9, "GB"],
    [1e6, "MB"],
    [1e3, "kB"],
  ] as const) {
    if (bytes >= size) return `${formatNumber(bytes / size)} ${suffix}`;
  }
  return `${formatInteger(bytes)} B`;
}

/** `p = 0.031`, `p < 0.001`. */
export const formatPValue = (value: number | null, symbol = "p"): string =>
  value === null
    ? "not observed"
    : value < 0.001
      ? `${symbol} < 0.001`
      : `${symbol} = ${value.toPrecision(2)}`;

/** `2 runs`, `1 run`. */
export const plural = (count: number, noun: string): string =>
  `${formatInteger(count)} ${noun}${count === 1 ? "" : "s"}`;
