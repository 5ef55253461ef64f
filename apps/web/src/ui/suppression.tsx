import type { RunSummary } from "@/graphql/fragments.ts";
import { cx } from "./class-names.ts";

type Suppression = RunSummary["suppression"];

const TEXTS: Record<Suppression, { label: string; tip: string; tone: string }> = {
  OBSERVED: {
    label: "suppresses",
    tip: "the final layer lowers the answer's log-probability\nthe 95 % interval of the change lies below 0",
    tone: "text-bad",
  },
  NOT_OBSERVED: {
    label: "no suppression",
    tip: "the final layer does not lower the answer's log-probability\nthe 95 % interval lies inside ±0.05 nats or above 0",
    tone: "text-ink-3",
  },
  INCONCLUSIVE: {
    label: "inconclusive",
    tip: "the 95 % interval of the change contains both suppression and none",
    tone: "text-warn",
  },
};

export function SuppressionText({
  suppression,
  className,
}: {
  suppression: Suppression;
  className?: string;
}) {
  const { label, tip, tone } = TEXTS[suppression];
  return (
    <span data-tip={tip} className={cx("relative z-10 whitespace-nowrap", tone, className)}>
      {label}
    </span>
  );
}
