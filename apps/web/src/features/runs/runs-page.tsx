"use client";
import { useState } from "react";
import { useQuery } from "urql";
import type { RunStatus } from "@/graphql/fragments.ts";
import { nodes } from "@/graphql/nodes.ts";
import { oneOf, useUnknownParameters, useUrlState } from "@/state/url-state.ts";
import { useDebounced } from "@/state/use-debounced.ts";
import { useKept } from "@/state/use-kept.ts";
import { TableSkeleton } from "@/table/data-table.tsx";
import { Button, ButtonLink } from "@/ui/button.tsx";
import { PageHeader, useTitle } from "@/ui/page.tsx";
import { EmptyState, ErrorState, Notice } from "@/ui/states.tsx";
import { RunsQuery } from "./queries.ts";
import { FILTER_DEFAULTS, RunFilters } from "./run-filters.tsx";
import { RunsTable } from "./runs-table.tsx";
import { SelectionBar } from "./selection-bar.tsx";
import { useLiveRuns } from "./use-live-runs.ts";

const PAGE_SIZE = 50;
const STATUSES = ["", "QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"] as const;

export function RunsPage() {
  useTitle("Runs");
  useLiveRuns();
  const { values, set } = useUrlState(FILTER_DEFAULTS);
  const unknown = useUnknownParameters([...Object.keys(FILTER_DEFAULTS), "focus"]);
  const [cursor, setCursor] = useState<{ filterKey: string; after: string | null } | null>(null);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const text = useDebounced(values.q, 250);

  const status = oneOf(values.status, STATUSES);
  const filter = {
    text: text || null,
    status: status ? [status as RunStatus] : null,
    model: values.model || null,
    task: values.task || null,
    shots: values.shots === "" ? null : Number(values.shots),
  };
  const filterKey = JSON.stringify(filter);
  const after = cursor?.filterKey === filterKey ? cursor.after : null;

  const [{ data, error, fetching }, refetch] = useQuery({
    query: RunsQuery,
    variables: { first: PAGE_SIZE, after, filter },
  });
  const connection = useKept(data)?.runs;
  const runs = nodes(connection?.edges);
  const filtered = Object.entries(FILTER_DEFAULTS).some(
    ([key, value]) => values[key as keyof typeof values] !== value,
  );

  return (
    <>
      <PageHeader
        title="Runs"
        lead="One run is one model, one task and its settings. Select rows to compare them."
      />
      {unknown.length > 0 && (
        <div className="mb-4">
          <Notice tone="info">The address has parts this page does not know: {unknown.join(", ")}.</Notice>
        </div>
      )}
      <RunFilters values={values} onChange={set} />
      {error && runs.length === 0 ? (
        <ErrorState error={error} onRetry={() => refetch({ requestPolicy: "network-only" })} />
      ) : !connection ? (
        <TableSkeleton rows={14} />
      ) : runs.length === 0 ? (
        <EmptyState
          title={filtered ? "No run matches these filters" : "There are no runs yet"}
          action={
            filtered ? (
              <Button onClick={() => set({ ...FILTER_DEFAULTS })}>Clear the filters</Button>
            ) : (
              <ButtonLink href="/runs/new" look="primary">
                Start a run
              </ButtonLink>
            )
          }
        />
      ) : (
        <>
          {error && <ErrorState error={error} onRetry={() => refetch({ requestPolicy: "network-only" })} />}
          <RunsTable runs={runs} picked={picked} onPick={setPicked} />
          <div className="mt-3 flex items-center justify-between">
            <p className="label" aria-live="polite">
              {runs.length} of {connection.totalCount.toLocaleString("en-US")}
            </p>
            {connection.pageInfo.hasNextPage && (
              <Button
                disabled={fetching}
                onClick={() => setCursor({ filterKey, after: connection.pageInfo.endCursor })}
              >
                {fetching ? "Loading" : "Load more"}
              </Button>
            )}
          </div>
        </>
      )}
      <SelectionBar picked={picked} onClear={() => setPicked(new Set())} />
    </>
  );
}
