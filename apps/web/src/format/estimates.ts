import type { Estimate } from "@/graphql/fragments.ts";
import { formatNumber, formatSigned, formatValue, isSigned, type Unit, unitName } from "./numbers.ts";

export const NOT_OBSERVED = "not observed";

/** `0.35 to 0.47`, or null where no interval is defined. */
export function formatInterval(estimate: Estimate, unit: Unit): string | null {
  if (estimate.low === null || estimate.high === null) return null;
  return `${formatValue(estimate.low, unit)} to ${formatValue(estimate.high, unit)}`;
}

export const formatEstimate = (estimate: Estimate, unit: Unit, signed = false): string =>
  estimate.value === null
    ? NOT_OBSERVED
    : signed
      ? formatSigned(estimate.value, unit)
      : formatValue(estimate.value, unit);

/** Three significant digits whatever the size, with the sign where it carries meaning. */
const precise = (value: number, unit: Unit): string =>
  unit === "probability" || unit === "share"
    ? `${formatNumber(value * 100)} %`
    : (isSigned(unit) && value > 0 ? "+" : "") + formatNumber(value);

/** Lines of a tooltip: label, then value, unit, 95 % interval and n (tab-separated pairs). */
export function estimateTip(label: string, estimate: Estimate, unit: Unit, extra: string[] = []): string {
  const lines = [label];
  if (estimate.value === null) {
    lines.push(`${NOT_OBSERVED}\t`, estimate.reason ?? "no reason was recorded");
  } else {
    lines.push(`value\t${precise(estimate.value, unit)}`);
    const interval = formatInterval(estimate, unit);
    if (estimate.prompt !== undefined) lines.push(`of\tprompt ${estimate.prompt} alone`);
    else lines.push(`95 % interval\t${interval ?? "not defined"}`, `n\t${estimate.n} facts`);
  }
  lines.push(`unit\t${unitName(unit)}`, ...extra);
  return lines.join("\n");
}
