"use client";
import { useCallback } from "react";
import { useQuery } from "urql";
import { runsLink } from "@/features/runs/links.ts";
import { RunsTable } from "@/features/runs/runs-table.tsx";
import { useLiveRuns } from "@/features/runs/use-live-runs.ts";
import { formatInteger } from "@/format/numbers.ts";
import { nodes } from "@/graphql/nodes.ts";
import { useClock } from "@/state/use-clock.ts";
import { ButtonLink } from "@/ui/button.tsx";
import { PageHeader, Section, useTitle } from "@/ui/page.tsx";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states.tsx";
import { SystemQuery } from "./queries.ts";
import { QueuePanel } from "./queue-panel.tsx";
import { WorkersTable } from "./workers-table.tsx";

const REFRESH_MS = 3_000;

/** Workers, what waits for them, and what they gave up. */
export function SystemPage() {
  useTitle("System");
  useLiveRuns();
  const [{ data, error }, refetch] = useQuery({ query: SystemQuery, requestPolicy: "cache-and-network" });
  const now = useClock(
    REFRESH_MS,
    useCallback(() => refetch({ requestPolicy: "network-only" }), [refetch]),
  );
  const retry = () => refetch({ requestPolicy: "network-only" });
  const lost = nodes(data?.runs.edges);
  return (
    <>
      <PageHeader
        title="System"
        lead={
          data
            ? `Workers and queue of this installation; engine ${data.server.engineVersion}, semantics ${data.server.semanticsVersion}.`
            : "Workers and queue of this installation."
        }
      />
      {error && (
        <div className="mb-4">
          <ErrorState error={error} onRetry={retry} />
        </div>
      )}
      {data ? (
        <>
          <QueuePanel queue={data.queue} />
          <Section title="Workers">
            {data.workers.length === 0 ? (
              <EmptyState title="No worker has shown itself in the last half minute">
                Runs wait until one does: start one with <code className="font-mono">npm run worker</code>.
              </EmptyState>
            ) : (
              <WorkersTable workers={data.workers} now={now} />
            )}
          </Section>
          <Section
            title="Given up"
            aside={
              data.runs.totalCount > lost.length && (
                <ButtonLink href={runsLink({ status: "FAILED" })} look="quiet">
                  All failed runs
                </ButtonLink>
              )
            }
          >
            {lost.length === 0 ? (
              <p className="text-sm text-ink-2">
                No run was given up: none had its worker end or fail too often.
              </p>
            ) : (
              <>
                <p className="mb-3 text-sm text-ink-2">
                  Runs whose workers ended or failed too often; repeat them to try once more.
                </p>
                <RunsTable runs={lost} />
                <p className="label mt-2">
                  {formatInteger(lost.length)} of {formatInteger(data.runs.totalCount)}
                </p>
              </>
            )}
          </Section>
        </>
      ) : (
        !error && (
          <div className="grid gap-8">
            <Skeleton className="h-[116px]" />
            <Skeleton className="h-[180px]" />
          </div>
        )
      )}
    </>
  );
}
