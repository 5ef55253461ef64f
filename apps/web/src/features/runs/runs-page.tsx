"use client";
import { useMemo, useState } from "react";
import { useClient, useQuery } from "urql";
import { formatInteger } from "@/format/numbers.ts";
import type { RunRowData } from "@/graphql/fragments.ts";
import { nodes } from "@/graphql/nodes.ts";
import { useUnknownParameters, useUrlState } from "@/state/url-state.ts";
import { useDebounced } from "@/state/use-debounced.ts";
import { useKept } from "@/state/use-kept.ts";
import { TableSkeleton } from "@/table/data-table.tsx";
import { Button, ButtonLink } from "@/ui/button.tsx";
import { CheckMenu } from "@/ui/check-menu.tsx";
import { cx } from "@/ui/class-names.ts";
import { ChevronIcon, TableIcon } from "@/ui/icons.tsx";
import { PageHeader, useTitle } from "@/ui/page.tsx";
import { EmptyState, ErrorState, Notice } from "@/ui/states.tsx";
import { RUN_COLUMNS } from "./columns.tsx";
import { FILTER_DEFAULTS, filterOf, isFiltered } from "./filters.ts";
import {
  columnsOf,
  FIRST_PAGE,
  LIST_DEFAULTS,
  orderOf,
  type Place,
  pageOf,
  sortOf,
  sortText,
} from "./list-state.ts";
import { RunsQuery } from "./queries.ts";
import { RunFilters } from "./run-filters.tsx";
import { type PickedRuns, RunsTable } from "./runs-table.tsx";
import { SelectionBar } from "./selection/selection-bar.tsx";
import { useLiveRuns } from "./use-live-runs.ts";

const NOTHING: PickedRuns = new Map();

/** What was picked on another page is as it was there; rows that are seen are as they are. */
function asSeen(picked: PickedRuns, runs: readonly RunRowData[]): PickedRuns {
  const seen = new Map(runs.map((run) => [run.id, run]));
  return new Map([...picked].map(([id, run]) => [id, seen.get(id) ?? run]));
}

export function RunsPage() {
  useTitle("Runs");
  useLiveRuns();
  const { values, set } = useUrlState(LIST_DEFAULTS);
  const unknown = useUnknownParameters([...Object.keys(LIST_DEFAULTS), "focus"]);
  const [picked, setPicked] = useState<PickedRuns>(NOTHING);
  const [said, setSaid] = useState<string | null>(null);
  const { q, status, model, task, shots, tags, study, from, until } = values;
  const text = useDebounced(q, 250);
  const filters = { q: text, status, model, task, shots, tags, study, from, until };
  const sort = sortOf(values.sort);
  const columns = useMemo(() => columnsOf(values.columns), [values.columns]);
  const client = useClient();
  const variablesOf = (place: Place) => ({
    ...pageOf(place),
    filter: filterOf(filters),
    orderBy: orderOf(sort),
  });

  const [{ data, error, fetching }, refetch] = useQuery({
    query: RunsQuery,
    variables: variablesOf(values),
    requestPolicy: "cache-and-network",
  });
  const connection = useKept(data)?.runs;
  const runs = useMemo(() => nodes(connection?.edges), [connection]);
  const current = useMemo(() => asSeen(picked, runs), [picked, runs]);
  const retry = () => refetch({ requestPolicy: "network-only" });

  return (
    <>
      <PageHeader
        title="Runs"
        lead="One run is one model, one task and its settings. Select rows to compare, repeat, tag, export or delete them."
      />
      {unknown.length > 0 && (
        <div className="mb-4">
          <Notice tone="info">The address has parts this page does not know: {unknown.join(", ")}.</Notice>
        </div>
      )}
      {said && (
        <div className="mb-4" role="status">
          <Notice tone="info">{said}</Notice>
        </div>
      )}
      <div className="mb-3 flex items-center justify-between gap-3">
        <RunFilters
          values={{ ...filters, q }}
          onChange={(change, how) => set({ ...change, ...FIRST_PAGE }, how)}
        />
        <CheckMenu
          align="end"
          items={RUN_COLUMNS.map(({ id, header }) => ({ value: id, label: header }))}
          chosen={columns.map(({ id }) => id)}
          onChange={(chosen) =>
            set({
              columns: RUN_COLUMNS.map(({ id }) => id)
                .filter((id) => chosen.includes(id))
                .join(","),
            })
          }
        >
          <Button>
            <TableIcon size={14} /> Columns
          </Button>
        </CheckMenu>
      </div>
      {error && runs.length === 0 ? (
        <ErrorState error={error} onRetry={retry} />
      ) : !connection ? (
        <TableSkeleton rows={14} />
      ) : runs.length === 0 ? (
        <NoRuns filtered={isFiltered(filters)} onClear={() => set({ ...FILTER_DEFAULTS, ...FIRST_PAGE })} />
      ) : (
        <>
          {error && (
            <div className="mb-3">
              <ErrorState error={error} onRetry={retry} />
            </div>
          )}
          <div className={cx(fetching && !data && "opacity-60 transition-opacity delay-300")}>
            <RunsTable
              runs={runs}
              columns={columns}
              picked={picked}
              onPick={setPicked}
              order={{ sort, onSort: (next) => set({ sort: sortText(next), ...FIRST_PAGE }) }}
              baseline={values.baseline}
            />
          </div>
          <Pages
            shown={runs.length}
            connection={connection}
            page={Number(values.page) || 1}
            onReach={(place) => client.query(RunsQuery, variablesOf(place)).toPromise()}
            onPage={(change) => {
              set(change);
              window.scrollTo({ top: 0 });
            }}
          />
        </>
      )}
      <SelectionBar
        picked={current}
        baseline={values.baseline}
        onBaseline={(key) => set({ baseline: key })}
        onClear={() => setPicked(NOTHING)}
        onDone={(message) => {
          setSaid(message);
          retry();
        }}
      />
    </>
  );
}

function NoRuns({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  return (
    <EmptyState
      title={filtered ? "No run matches these filters" : "There are no runs yet"}
      action={
        filtered ? (
          <Button onClick={onClear}>Clear the filters</Button>
        ) : (
          <ButtonLink href="/runs/new" look="primary">
            Start a run
          </ButtonLink>
        )
      }
    />
  );
}

/** How many of how many, and the way to the pages beside this one. */
function Pages(props: {
  shown: number;
  connection: {
    totalCount: number;
    pageInfo: {
      hasNextPage: boolean;
      hasPreviousPage: boolean;
      startCursor: string | null;
      endCursor: string | null;
    };
  };
  page: number;
  /** The pointer or the focus is on the way to another page. */
  onReach: (place: Place) => void;
  onPage: (place: Place) => void;
}) {
  const { shown, connection, page, onReach, onPage } = props;
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = connection.pageInfo;
  const previous = page <= 2 ? FIRST_PAGE : { after: "", before: startCursor ?? "", page: String(page - 1) };
  const next = { after: endCursor ?? "", before: "", page: String(page + 1) };
  return (
    <div className="mt-3 flex items-center justify-between">
      <p className="label" aria-live="polite">
        {formatInteger(shown)} of {formatInteger(connection.totalCount)}
        {(hasNextPage || hasPreviousPage) && `, page ${page}`}
      </p>
      {(hasNextPage || hasPreviousPage) && (
        <nav aria-label="Pages" className="flex gap-2">
          <Button
            disabled={!hasPreviousPage}
            onPointerEnter={() => onReach(previous)}
            onFocus={() => onReach(previous)}
            onClick={() => onPage(previous)}
          >
            <ChevronIcon size={12} className="rotate-180" /> Previous
          </Button>
          <Button
            disabled={!hasNextPage}
            onPointerEnter={() => onReach(next)}
            onFocus={() => onReach(next)}
            onClick={() => onPage(next)}
          >
            Next <ChevronIcon size={12} />
          </Button>
        </nav>
      )}
    </div>
  );
}
