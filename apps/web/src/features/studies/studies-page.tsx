"use client";
import { useQuery, useSubscription } from "urql";
import { studyLink } from "@/features/runs/links.ts";
import { useLiveRuns } from "@/features/runs/use-live-runs.ts";
import { formatInteger, plural } from "@/format/numbers.ts";
import { shortModelName } from "@/format/runs.ts";
import { formatAgo, formatDateTime } from "@/format/time.ts";
import { nodes } from "@/graphql/nodes.ts";
import { useUrlState } from "@/state/url-state.ts";
import { useDebounced } from "@/state/use-debounced.ts";
import { useKept } from "@/state/use-kept.ts";
import { type Column, DataTable, TableSkeleton } from "@/table/data-table.tsx";
import { Button, ButtonLink } from "@/ui/button.tsx";
import { Link } from "@/ui/link.tsx";
import { PageHeader, useTitle } from "@/ui/page.tsx";
import { SearchField } from "@/ui/search-field.tsx";
import { EmptyState, ErrorState } from "@/ui/states.tsx";
import { StudiesQuery, StudyChanged, type StudyRow } from "./queries.ts";
import { StudyBar } from "./study-counts.tsx";

const PAGE_SIZE = 50;
const DEFAULTS = { q: "", sort: "-created", after: "" } as const;
const ORDERS = { name: "NAME", created: "CREATED" } as const;

const COLUMNS: Column<StudyRow>[] = [
  {
    id: "name",
    header: "Study",
    ordered: true,
    render: (study) => (
      <Link href={studyLink(study)} className="link font-medium">
        {study.name}
      </Link>
    ),
  },
  {
    id: "models",
    header: "Models",
    render: ({ models }) => (
      <span data-tip={models.map(({ name }) => name).join(", ")} className="block max-w-60 truncate">
        {models.length > 2
          ? plural(models.length, "model")
          : models.map(({ name }) => shortModelName(name)).join(", ")}
      </span>
    ),
  },
  {
    id: "tasks",
    header: "Tasks",
    render: ({ tasks }) => (
      <span data-tip={tasks.map(({ title }) => title).join(", ")} className="block max-w-72 truncate">
        {tasks.length > 2 ? plural(tasks.length, "task") : tasks.map(({ title }) => title).join(", ")}
      </span>
    ),
  },
  {
    id: "shots",
    header: "Shots",
    render: ({ settings }) => settings.map(({ shots }) => shots).join(", "),
  },
  {
    id: "progress",
    header: "Runs",
    className: "min-w-64",
    render: ({ progress }) => <StudyBar counts={progress} />,
  },
  {
    id: "created",
    header: "Made",
    ordered: true,
    render: ({ createdAt }) => (
      <time
        dateTime={createdAt}
        data-tip={formatDateTime(createdAt)}
        className="whitespace-nowrap text-ink-2"
      >
        {formatAgo(createdAt)}
      </time>
    ),
  },
];

export function StudiesPage() {
  useTitle("Studies");
  useLiveRuns();
  useSubscription({ query: StudyChanged });
  const { values, set } = useUrlState(DEFAULTS);
  const text = useDebounced(values.q, 250);
  const column = values.sort.replace(/^-/, "") === "name" ? "name" : "created";
  const descending = values.sort.startsWith("-");
  const [{ data, error }, retry] = useQuery({
    query: StudiesQuery,
    variables: {
      first: PAGE_SIZE,
      after: values.after || null,
      filter: { text: text || null },
      orderBy: { by: ORDERS[column], direction: descending ? "DESC" : "ASC" },
    },
    requestPolicy: "cache-and-network",
  });
  const connection = useKept(data)?.studies;
  const studies = nodes(connection?.edges);
  return (
    <>
      <PageHeader
        title="Studies"
        lead="A study is a grid of runs under a name: models × tasks × shots, measured together."
        actions={<ButtonLink href="/runs/new">New study</ButtonLink>}
      />
      <search className="mb-3 block">
        <SearchField
          placeholder="Name or note"
          value={values.q}
          onChange={(q) => set({ q, after: "" }, "replace")}
        />
      </search>
      {error && !connection ? (
        <ErrorState error={error} onRetry={() => retry({ requestPolicy: "network-only" })} />
      ) : !connection ? (
        <TableSkeleton rows={6} height={47} />
      ) : studies.length === 0 ? (
        <EmptyState
          title={text ? "No study matches" : "There are no studies yet"}
          action={
            text ? (
              <Button onClick={() => set({ q: "" })}>Clear the search</Button>
            ) : (
              <ButtonLink href="/runs/new" look="primary">
                Make a study
              </ButtonLink>
            )
          }
        >
          {!text && "Tick several models, tasks or shots on the page New run."}
        </EmptyState>
      ) : (
        <>
          <DataTable
            label="Studies"
            columns={COLUMNS}
            rows={studies}
            rowKey={({ id }) => id}
            order={{
              sort: { column, descending },
              onSort: (sort) => set({ sort: `${sort.descending ? "-" : ""}${sort.column}`, after: "" }),
            }}
          />
          <div className="mt-3 flex items-center justify-between">
            <p className="label">
              {formatInteger(studies.length)} of {formatInteger(connection.totalCount)}
            </p>
            <span className="flex gap-2">
              {values.after && <Button onClick={() => set({ after: "" })}>First page</Button>}
              {connection.pageInfo.hasNextPage && (
                <Button onClick={() => set({ after: connection.pageInfo.endCursor })}>Next page</Button>
              )}
            </span>
          </div>
        </>
      )}
    </>
  );
}
