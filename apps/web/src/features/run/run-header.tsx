"use client";
import Link from "next/link";
import { modelLink, taskLink } from "@/features/runs/links.ts";
import { formatNumber, plural } from "@/format/numbers.ts";
import { shortModelName, shotsLabel } from "@/format/runs.ts";
import { formatAgo, formatDateTime, formatDuration, secondsBetween } from "@/format/time.ts";
import { Badge } from "@/ui/badge.tsx";
import { ButtonLink } from "@/ui/button.tsx";
import { CompareIcon } from "@/ui/icons.tsx";
import { StatusBadge } from "@/ui/run-status.tsx";
import { Skeleton } from "@/ui/states.tsx";
import type { RunHeaderData } from "./queries.ts";
import { repeatLink } from "./repeat-link.ts";

export function RunHeader({ run }: { run: RunHeaderData }) {
  return (
    <header className="mb-5 flex items-end justify-between gap-6">
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
      </div>
      <div className="flex shrink-0 flex-col items-end gap-2.5">
        <div className="flex gap-2">
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

/** Whether the identities that must hold in every transformer did hold in this run. */
function Invariants({ run }: { run: RunHeaderData }) {
  const check = run.receipt?.model.selfCheck;
  const completeness = run.prediction?.directLogitAttribution.completenessError;
  if (!check || completeness === undefined) return <div className="h-5" />;
  const errors: [string, number][] = [
    ["residual sum", check.residualSum],
    ["head sum", check.headSum],
    ["pattern @ v = z", check.patternValue],
    ["lens = logits", check.lensLogits],
  ];
  const tip = `Self-check of the model: largest relative error\n${errors
    .map(([name, value]) => `${name}\t${formatNumber(value)}`)
    .join("\n")}`;
  const complete = completeness < 1e-3;
  return (
    <div className="flex gap-1.5">
      <Badge tone={check.passed ? "good" : "bad"} tip={tip}>
        {check.passed ? "✓" : "✗"} identities {formatNumber(Math.max(...errors.map(([, value]) => value)), 2)}
      </Badge>
      <Badge
        tone={complete ? "good" : "bad"}
        tip={`Completeness of the direct logit attribution\nlargest error\t${formatNumber(completeness)} logits\nallowed\t0.001 logits`}
      >
        {complete ? "✓" : "✗"} completeness {formatNumber(completeness, 2)}
      </Badge>
    </div>
  );
}

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
