import type { RunRowData, RunStatus } from "@/graphql/fragments.ts";
import { Badge, type Tone } from "./badge.tsx";
import { cx } from "./class-names.ts";
import { CheckIcon } from "./icons.tsx";

const STATUSES: Record<RunStatus, { label: string; tone: Tone }> = {
  QUEUED: { label: "Queued", tone: "neutral" },
  RUNNING: { label: "Running", tone: "answer" },
  SUCCEEDED: { label: "Finished", tone: "good" },
  FAILED: { label: "Failed", tone: "bad" },
  CANCELLED: { label: "Cancelled", tone: "warn" },
};

export const isActive = (status: RunStatus): boolean => status === "QUEUED" || status === "RUNNING";
export const statusLabel = (status: RunStatus): string => STATUSES[status].label;

export function StatusBadge({ status, tip }: { status: RunStatus; tip?: string }) {
  const { label, tone } = STATUSES[status];
  if (status === "SUCCEEDED") {
    return (
      <span className="inline-flex items-center gap-1.5 text-xs font-normal tracking-normal text-ink-2">
        <CheckIcon size={12} className="text-good" />
        {label}
      </span>
    );
  }
  return (
    <Badge tone={tone} tip={tip}>
      <span
        aria-hidden="true"
        className={cx("size-1.5 rounded-full bg-current", status === "RUNNING" && "animate-pulse")}
      />
      {label}
    </Badge>
  );
}

export const percent = (fraction: number): string => `${Math.floor(fraction * 100)} %`;

export function ProgressBar({ fraction, label }: { fraction: number | null; label: string }) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={fraction === null ? undefined : Math.floor(fraction * 100)}
      className="h-1 overflow-hidden rounded-full bg-sunken"
    >
      <div
        className={cx(
          "h-full rounded-full bg-answer",
          fraction === null && "w-2/5 animate-[sweep_1.6s_infinite]",
        )}
        style={
          fraction === null ? undefined : { width: `${fraction * 100}%`, transition: "width 300ms linear" }
        }
      />
    </div>
  );
}

/** Status, or how far a running run is. */
export function StatusOrProgress({ run }: { run: Pick<RunRowData, "status" | "progress" | "error"> }) {
  if (run.status !== "RUNNING" || !run.progress) {
    return (
      <StatusBadge
        status={run.status}
        tip={run.error ? `${run.error.code}\n${run.error.message}` : undefined}
      />
    );
  }
  const { fraction, stepTitle, stepIndex, stepCount } = run.progress;
  return (
    <div className="w-28" data-tip={`${stepTitle}\nstep\t${stepIndex + 1} of ${stepCount}`}>
      <div className="mb-0.5 flex justify-between text-xs text-ink-2">
        <span>Running</span>
        <span>{percent(fraction)}</span>
      </div>
      <ProgressBar fraction={fraction} label={stepTitle} />
    </div>
  );
}
