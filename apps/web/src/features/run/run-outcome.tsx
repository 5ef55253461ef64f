"use client";
import { useMutation } from "urql";
import { CancelRun } from "@/features/runs/queries.ts";
import { formatDuration, secondsBetween } from "@/format/time.ts";
import { Button, ButtonLink } from "@/ui/button.tsx";
import { cx } from "@/ui/class-names.ts";
import { CheckIcon } from "@/ui/icons.tsx";
import { Panel } from "@/ui/page.tsx";
import { ProgressBar, percent } from "@/ui/run-status.tsx";
import { EmptyState, ErrorState, Notice } from "@/ui/states.tsx";
import type { RunHeaderData } from "./queries.ts";
import { repeatLink } from "./repeat-link.ts";

/** The page of a run that has no results: queued, running, failed or cancelled. */
export function RunOutcome({ run, active }: { run: RunHeaderData; active: boolean }) {
  if (active) return <LiveProgress run={run} />;
  if (run.status === "CANCELLED") {
    return (
      <EmptyState
        title="This run was cancelled"
        action={<ButtonLink href={repeatLink(run)}>Repeat it</ButtonLink>}
      >
        Nothing of it was kept.
      </EmptyState>
    );
  }
  return (
    <Notice tone="bad">
      <p className="font-medium">
        This run failed{" "}
        {run.error && <code className="ml-1 font-mono text-xs text-ink-2">{run.error.code}</code>}
      </p>
      <p className="mt-0.5 whitespace-pre-line text-ink-2">
        {run.error?.message ?? "No reason was recorded."}
      </p>
      <div className="mt-3 mb-1">
        <ButtonLink href={repeatLink(run)}>Change the settings and try again</ButtonLink>
      </div>
    </Notice>
  );
}

function LiveProgress({ run }: { run: RunHeaderData }) {
  const [{ fetching, error }, cancel] = useMutation(CancelRun);
  const { progress } = run;
  const elapsed = run.startedAt ? secondsBetween(run.startedAt, null) : 0;
  const rest =
    progress && progress.fraction > 0.05 ? (elapsed * (1 - progress.fraction)) / progress.fraction : null;
  return (
    <Panel className="p-8">
      {error && (
        <div className="mb-4">
          <ErrorState error={error} />
        </div>
      )}
      <div className="flex items-end justify-between gap-6">
        <div>
          <p className="text-3xl font-semibold tracking-tight" aria-live="off">
            {progress ? percent(progress.fraction) : "Queued"}
          </p>
          <p className="mt-1 text-ink-2" role="status">
            {progress
              ? `Step ${progress.stepIndex + 1} of ${progress.stepCount}: ${progress.stepTitle}`
              : "Waiting for the runs before it. It starts by itself."}
          </p>
        </div>
        <Button disabled={fetching} onClick={() => void cancel({ id: run.id })}>
          {fetching ? "Cancelling" : "Cancel run"}
        </Button>
      </div>
      <div className="mt-5">
        <ProgressBar fraction={progress?.fraction ?? 0} label="Progress of the run" />
      </div>
      <div className="mt-2 flex h-4 justify-between text-xs text-ink-3">
        <span>{progress ? `${progress.done} of ${progress.total} in this step` : ""}</span>
        <span>{rest === null ? "" : `about ${formatDuration(rest)} left`}</span>
      </div>
      {progress && (
        <ol className="mt-6 grid gap-2" style={{ gridTemplateColumns: `repeat(${progress.stepCount}, 1fr)` }}>
          {Array.from({ length: progress.stepCount }, (_, index) => (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: steps have an order, not a name, before they run
              key={index}
              className={cx(
                "flex items-center gap-1.5 border-t-2 pt-2 text-xs",
                index < progress.stepIndex
                  ? "border-ink text-ink-2"
                  : index === progress.stepIndex
                    ? "border-answer font-medium"
                    : "border-line text-ink-3",
              )}
            >
              {index < progress.stepIndex && <CheckIcon size={12} />}
              {index === progress.stepIndex ? progress.stepTitle : `Step ${index + 1}`}
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
