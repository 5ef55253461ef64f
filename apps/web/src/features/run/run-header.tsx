"use client";
import { modelLink, taskLink } from "@/features/runs/links.ts";
import { plural } from "@/format/numbers.ts";
import { shortModelName, shotsLabel } from "@/format/runs.ts";
import { formatAgo, formatDateTime, formatDuration, secondsBetween } from "@/format/time.ts";
import { ButtonLink } from "@/ui/button.tsx";
import { CopyLink } from "@/ui/copy-link.tsx";
import { CompareIcon } from "@/ui/icons.tsx";
import { Link } from "@/ui/link.tsx";
import { StatusBadge } from "@/ui/run-status.tsx";
import { Skeleton } from "@/ui/states.tsx";
import { Invariants } from "./invariants.tsx";
import type { RunHeaderData } from "./queries.ts";
import { repeatLink } from "./repeat-link.ts";
import { RunDownloads } from "./run-downloads.tsx";
import { RunLabels } from "./run-labels.tsx";

/** @param onTables shows where single tables are downloaded */
export function RunHeader({ run, onTables }: { run: RunHeaderData; onTables: () => void }) {
  return (
    <header className="mb-5 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 className="flex items-center gap-3 text-2xl">
          <Link href={taskLink(run.task.slug)} className="truncate hover:text-answer">
            {run.task.title}
          </Link>
          <StatusBadge status={run.status} />
        </h1>
        <p className="mt-1 flex flex-wrap items-center gap-x-2 text-ink-2">
          <Link href={modelLink(run.model.name)} className="link" data-tip={run.model.name}>
            {shortModelName(run.model.name)}
          </Link>
          <Dot />
          {shotsLabel(run.settings.shots)}
          <Dot />
          {run.summary && (
            <>
              {plural(run.summary.factsKnown, "known fact")} of {run.summary.factsTotal}
              <Dot />
            </>
          )}
          <span data-tip={formatDateTime(run.startedAt ?? run.createdAt)}>
            {formatAgo(run.startedAt ?? run.createdAt)}
          </span>
          {run.startedAt && run.finishedAt && (
            <>
              <Dot />
              took {formatDuration(secondsBetween(run.startedAt, run.finishedAt))}
            </>
          )}
        </p>
        <RunLabels run={run} />
      </div>
      <div className="flex shrink-0 flex-col items-end gap-2.5">
        <div className="flex flex-wrap justify-end gap-2">
          <CopyLink />
          {run.exports && <RunDownloads files={run.exports} onTables={onTables} />}
          <ButtonLink href={repeatLink(run)}>Repeat</ButtonLink>
          {run.summary && (
            <ButtonLink href={`/compare?runs=${encodeURIComponent(run.id)}`}>
              <CompareIcon /> Compare
            </ButtonLink>
          )}
        </div>
        <Invariants run={run} />
      </div>
    </header>
  );
}

const Dot = () => (
  <span aria-hidden="true" className="text-ink-3">
    ·
  </span>
);

export function RunHeaderSkeleton() {
  return (
    <div aria-hidden="true">
      <Skeleton className="h-[34px] w-80" />
      <Skeleton className="mt-1.5 mb-5 h-[22px] w-[420px]" />
      <Skeleton className="h-[86px] w-full" />
      <div className="mt-6 grid gap-4 lg:grid-cols-2">
        <Skeleton className="h-[420px]" />
        <Skeleton className="h-[420px]" />
      </div>
    </div>
  );
}
