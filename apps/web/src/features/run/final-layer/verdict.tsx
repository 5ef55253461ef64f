import { formatEstimate, formatInterval } from "@/format/estimates.ts";
import { formatNumber } from "@/format/numbers.ts";
import { cx } from "@/ui/class-names.ts";
import type { FinalLayer } from "../queries.ts";

/** Whether the final layer holds the answer back, in words. */
export function SuppressionVerdict({ data }: { data: FinalLayer }) {
  const { logProbChange: change, layer, suppression } = data;
  const tones = { OBSERVED: "border-bad", NOT_OBSERVED: "border-line-strong", INCONCLUSIVE: "border-warn" };
  return (
    <div className={cx("max-w-[130ch] border-l-[3px] py-0.5 pl-4", tones[suppression])}>
      <p className="text-lg font-semibold">{HEADLINES[suppression]}</p>
      <p className="mt-0.5 text-ink-2">
        {change.value === null
          ? `Layer ${layer} could not be judged: ${change.reason ?? "no reason was recorded"}.`
          : sentence(data)}
      </p>
    </div>
  );
}

const HEADLINES: Record<FinalLayer["suppression"], string> = {
  OBSERVED: "The final layer holds the answer back",
  NOT_OBSERVED: "The final layer does not hold the answer back",
  INCONCLUSIVE: "Whether the final layer holds the answer back stays open",
};

function sentence({
  logProbChange: change,
  headPart,
  mlpPart,
  scalePart,
  layer,
  suppression,
}: FinalLayer): string {
  const interval = formatInterval(change, "nats");
  const factor = formatNumber(Math.exp(change.value ?? 0));
  const parts = [
    { name: "its heads", value: headPart.value },
    { name: "its MLP", value: mlpPart.value },
    { name: "the norm's scale", value: scalePart.value },
  ];
  const sign = (change.value ?? 0) < 0 ? -1 : 1;
  const main = parts.reduce((best, part) =>
    sign * (part.value ?? 0) > sign * (best.value ?? 0) ? part : best,
  );
  const start =
    `Layer ${layer} changes the answer's log-probability by ${formatEstimate(change, "nats", true)} nats ` +
    `(${interval ? `95 % interval ${interval}, ` : ""}n = ${change.n} facts), a factor of ${factor} on its probability.`;
  const cause =
    main.value === null
      ? ""
      : ` Most of it comes from ${main.name} (${formatEstimate({ ...change, value: main.value }, "nats", true)}).`;
  return suppression === "INCONCLUSIVE" ? `${start} More facts would settle it.` : start + cause;
}
