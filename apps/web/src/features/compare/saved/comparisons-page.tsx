"use client";
import { useState } from "react";
import { useMutation, useQuery, useSubscription } from "urql";
import { formatInteger, plural } from "@/format/numbers.ts";
import { shortModelName } from "@/format/runs.ts";
import { formatAgo } from "@/format/time.ts";
import { nodes } from "@/graphql/nodes.ts";
import { useDebounced } from "@/state/use-debounced.ts";
import { useKept } from "@/state/use-kept.ts";
import { type Column, DataTable, TableSkeleton } from "@/table/data-table.tsx";
import { Button, ButtonLink, IconButton } from "@/ui/button.tsx";
import { PencilIcon, TrashIcon } from "@/ui/icons.tsx";
import { Link } from "@/ui/link.tsx";
import { NameDialog } from "@/ui/name-dialog.tsx";
import { PageHeader, useTitle } from "@/ui/page.tsx";
import { SearchField } from "@/ui/search-field.tsx";
import { EmptyState, ErrorState } from "@/ui/states.tsx";
import { DeleteDialog } from "./delete-dialog.tsx";
import {
  ComparisonChanged,
  type SavedComparison,
  SavedComparisonsQuery,
  UpdateComparison,
} from "./queries.ts";
import { savedLink } from "./saved-view.ts";

const PAGE_SIZE = 50;

/** Saved comparisons: open, rename, delete. */
export function ComparisonsPage() {
  useTitle("Saved comparisons");
  useSubscription({ query: ComparisonChanged });
  const [text, setText] = useState("");
  const wanted = useDebounced(text, 200);
  const [after, setAfter] = useState<string | null>(null);
  const [state, retry] = useQuery({
    query: SavedComparisonsQuery,
    variables: { first: PAGE_SIZE, after, filter: { text: wanted || null } },
  });
  const connection = useKept(state.data)?.comparisons;
  const saved = nodes(connection?.edges);
  return (
    <>
      <PageHeader
        title="Saved comparisons"
        lead="Views that somebody gave a name: runs, baseline, and how they were looked at."
        actions={<ButtonLink href="/compare">New comparison</ButtonLink>}
      />
      <SearchField
        placeholder="Name or note"
        value={text}
        onChange={(next) => {
          setText(next);
          setAfter(null);
        }}
        className="mb-3"
      />
      {state.error && !connection ? (
        <ErrorState error={state.error} onRetry={() => retry({ requestPolicy: "network-only" })} />
      ) : !connection ? (
        <TableSkeleton rows={4} />
      ) : connection.totalCount === 0 ? (
        wanted ? (
          <EmptyState title={`Nothing saved has “${wanted}” in its name or note`} />
        ) : (
          <EmptyState
            title="Nothing is saved yet"
            action={
              <ButtonLink look="primary" href="/compare">
                Compare runs
              </ButtonLink>
            }
          >
            Compare some runs, then save the view under a name.
          </EmptyState>
        )
      ) : (
        <>
          <SavedTable saved={saved} />
          <div className="mt-3 flex items-center gap-4">
            <span className="label">
              {formatInteger(saved.length)} of {plural(connection.totalCount, "saved comparison")}
            </span>
            {connection.pageInfo.hasNextPage && (
              <Button onClick={() => setAfter(connection.pageInfo.endCursor)}>Show more</Button>
            )}
          </div>
        </>
      )}
    </>
  );
}

function SavedTable({ saved }: { saved: readonly SavedComparison[] }) {
  const [renamed, setRenamed] = useState<SavedComparison | null>(null);
  const [deleted, setDeleted] = useState<SavedComparison | null>(null);
  const [, update] = useMutation(UpdateComparison);
  const columns: Column<SavedComparison>[] = [
    {
      id: "name",
      header: "Name",
      sort: ({ name }) => name,
      render: (each) => (
        <>
          <Link href={savedLink(each)} className="link font-medium">
            {each.name}
          </Link>
          {each.note && <span className="block max-w-[60ch] truncate text-xs text-ink-2">{each.note}</span>}
        </>
      ),
    },
    { id: "runs", header: "Runs", render: (each) => <RunsOf saved={each} /> },
    {
      id: "updated",
      header: "Saved",
      sort: ({ updatedAt }) => updatedAt,
      render: ({ updatedAt, createdBy }) => (
        <span className="whitespace-nowrap text-ink-2">
          {formatAgo(updatedAt)}
          {createdBy && ` by ${createdBy}`}
        </span>
      ),
    },
    {
      id: "actions",
      header: "",
      render: (each) => (
        <span className="flex justify-end gap-1">
          <IconButton label={`Rename ${each.name}`} onClick={() => setRenamed(each)}>
            <PencilIcon size={14} />
          </IconButton>
          <IconButton label={`Delete ${each.name}`} onClick={() => setDeleted(each)}>
            <TrashIcon size={14} />
          </IconButton>
        </span>
      ),
    },
  ];
  return (
    <>
      <DataTable label="Saved comparisons" columns={columns} rows={saved} rowKey={({ id }) => id} />
      <NameDialog
        open={renamed !== null}
        onOpenChange={(open) => !open && setRenamed(null)}
        title="Rename"
        name={renamed?.name ?? ""}
        note={renamed?.note ?? ""}
        onSave={async (name, note) => {
          const { error } = await update({ input: { id: renamed?.id ?? "", name, note: note || null } });
          return error ?? null;
        }}
      />
      {deleted && <DeleteDialog saved={deleted} onClose={() => setDeleted(null)} />}
    </>
  );
}

/** Models and tasks of the runs, each once. */
function RunsOf({ saved }: { saved: SavedComparison }) {
  const once = (names: string[]) => [...new Set(names)].join(", ");
  return (
    <>
      {plural(saved.runs.length, "run")}
      {saved.missingRuns > 0 && <span className="ml-2 text-warn">{saved.missingRuns} deleted</span>}
      <span className="block max-w-[60ch] truncate text-xs text-ink-2">
        {once(saved.runs.map(({ model }) => shortModelName(model)))} ·{" "}
        {once(saved.runs.map(({ task }) => task))}
      </span>
    </>
  );
}
