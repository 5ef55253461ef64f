"use client";
import { useQuery } from "urql";
import { runLink } from "@/features/runs/links.ts";
import { RunsQuery } from "@/features/runs/queries.ts";
import { useLiveRun } from "@/features/runs/use-live-runs.ts";
import { plural } from "@/format/numbers.ts";
import { shortModelName, shotsLabel } from "@/format/runs.ts";
import type { RunRowData } from "@/graphql/fragments.ts";
import { nodes } from "@/graphql/nodes.ts";
import { Link } from "@/ui/link.tsx";
import { Panel, Section } from "@/ui/page.tsx";
import { isActive, ProgressBar, percent } from "@/ui/run-status.tsx";

const ACTIVE = { first: 5, filter: { status: ["RUNNING" as const, "QUEUED" as const] } };

/** Runs that are queued or running, with live progress; nothing when there are none. */
export function ActiveRuns() {
  const [{ data }] = useQuery({ query: RunsQuery, variables: ACTIVE });
  const runs = nodes(data?.runs.edges).filter((run) => isActive(run.status));
  if (!data || runs.length === 0) return null;
  const rest = data.runs.totalCount - runs.length;
  return (
    <Section title="Running now">
      <Panel className="divide-y divide-line px-5">
        {runs.map((run) => (
          <ActiveRun key={run.id} run={run} />
        ))}
      </Panel>
      {rest > 0 && <p className="label mt-2">{plural(rest, "more run")} in the queue</p>}
    </Section>
  );
}

function ActiveRun({ run }: { run: RunRowData }) {
  useLiveRun(run);
  const { progress } = run;
  return (
    <Link
      href={runLink(run)}
      className="grid grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)_56px] items-center gap-6 py-3 hover:text-answer"
    >
      <span className="truncate">
        <span className="font-medium">{run.task.title}</span>
        <span className="ml-2 text-sm text-ink-2">
          {shortModelName(run.model.name)} · {shotsLabel(run.settings.shots)}
        </span>
      </span>
      <span>
        <span className="mb-1 flex justify-between text-xs text-ink-2">
          <span className="truncate">
            {progress
              ? `Step ${progress.stepIndex + 1} of ${progress.stepCount}: ${progress.stepTitle}`
              : "Waiting for its turn"}
          </span>
          {progress && (
            <span className="pl-3 whitespace-nowrap">
              {progress.done} of {progress.total}
            </span>
          )}
        </span>
        <ProgressBar fraction={progress?.fraction ?? 0} label={`Progress of ${run.task.title}`} />
      </span>
      <span className="text-right text-lg font-medium">{progress ? percent(progress.fraction) : "–"}</span>
    </Link>
  );
}
