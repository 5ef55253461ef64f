"use client";
import { ButtonLink } from "@/ui/button.tsx";
import { EmptyState, Notice } from "@/ui/states.tsx";
import { LiveProgress } from "./live-progress.tsx";
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
