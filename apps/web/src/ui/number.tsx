import { estimateTip, formatEstimate, formatInterval, NOT_OBSERVED } from "@/format/estimates.ts";
import { formatValue, type Unit, unitName } from "@/format/numbers.ts";
import type { Estimate } from "@/graphql/fragments.ts";
import { cx } from "./class-names.ts";

interface EstimateProps {
  estimate: Estimate;
  unit: Unit;
  /** What the number is, as the tooltip's title. */
  label: string;
  signed?: boolean;
  /** Print the 95 % interval behind the value, or below it. */
  interval?: "inline" | "below" | "tip";
  className?: string;
}

/** A measured number with its interval and n; "not observed" with its reason where it has none. */
export function EstimateValue({ estimate, unit, label, signed, interval = "tip", className }: EstimateProps) {
  const range = interval === "tip" || estimate.value === null ? null : formatInterval(estimate, unit);
  return (
    <span data-tip={estimateTip(label, estimate, unit)} className={cx("whitespace-nowrap", className)}>
      <span className={estimate.value === null ? "text-sm font-normal text-ink-3 italic" : undefined}>
        {formatEstimate(estimate, unit, signed)}
      </span>
      {range && (
        <span className={cx("text-xs font-normal text-ink-3", interval === "below" ? "block" : "ml-1.5")}>
          {range}
        </span>
      )}
    </span>
  );
}

/** A number that has no interval. */
export function PlainValue(props: {
  value: number | null;
  unit: Unit;
  label: string;
  reason?: string | null;
  /** What it is counted over, such as `n 48 facts`. */
  over?: string | undefined;
}) {
  if (props.value === null) {
    return (
      <span
        data-tip={`${props.label}\n${props.reason ?? "not measured in this run"}`}
        className="text-ink-3 italic"
      >
        {NOT_OBSERVED}
      </span>
    );
  }
  const tip = [
    props.label,
    `value\t${formatValue(props.value, props.unit)}`,
    `unit\t${unitName(props.unit)}`,
    ...(props.over ? [props.over] : []),
  ].join("\n");
  return (
    <span data-tip={tip} className="whitespace-nowrap">
      {formatValue(props.value, props.unit)}
    </span>
  );
}
