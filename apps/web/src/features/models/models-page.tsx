"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useQuery } from "urql";
import { modelLink } from "@/features/runs/links.ts";
import { formatCount, formatInteger } from "@/format/numbers.ts";
import { shortModelName } from "@/format/runs.ts";
import type { ResultOf } from "@/graphql/graphql.ts";
import { nodes } from "@/graphql/nodes.ts";
import { type Column, DataTable, TableSkeleton } from "@/table/data-table.tsx";
import { Badge } from "@/ui/badge.tsx";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { PlusIcon } from "@/ui/icons.tsx";
import { Link } from "@/ui/link.tsx";
import { PageHeader, useTitle } from "@/ui/page.tsx";
import { EmptyState, ErrorState } from "@/ui/states.tsx";
import { AddModelForm } from "./add-model-form.tsx";
import { ModelsQuery } from "./queries.ts";

type Edge = NonNullable<ResultOf<typeof ModelsQuery>["models"]["edges"][number]>;
type ModelRow = Edge["node"];
export const SOURCES = { BUNDLED: "bundled", FOLDER: "folder", HUB: "hub" } as const;

const dash = <span className="text-ink-3">–</span>;
const number = (
  id: string,
  header: string,
  value: (row: ModelRow) => number | undefined,
): Column<ModelRow> => ({
  id,
  header,
  numeric: true,
  sort: (row) => value(row) ?? null,
  render: (row) => {
    const found = value(row);
    return found === undefined ? dash : id === "parameters" ? formatCount(found) : formatInteger(found);
  },
});

const COLUMNS: Column<ModelRow>[] = [
  {
    id: "name",
    header: "Model",
    sort: (row) => row.name,
    render: (row) => (
      <Link href={modelLink(row.name)} className="link font-medium" data-tip={row.name}>
        {shortModelName(row.name)}
      </Link>
    ),
  },
  { id: "source", header: "From", sort: (row) => row.source, render: (row) => SOURCES[row.source] },
  {
    id: "architecture",
    header: "Architecture",
    sort: (row) => row.summary?.architecture ?? null,
    render: (row) => row.summary?.architecture ?? dash,
  },
  number("layers", "Layers", (row) => row.summary?.layers),
  number("heads", "Heads", (row) => row.summary?.heads),
  number("width", "Width", (row) => row.summary?.width),
  number("vocabulary", "Vocabulary", (row) => row.summary?.vocabulary),
  number("parameters", "Parameters", (row) => row.summary?.parameters),
  {
    id: "check",
    header: "Self-check",
    render: (row) =>
      row.error ? (
        <Badge tone="bad" tip={`${row.error.code}\n${row.error.message}`}>
          cannot be opened
        </Badge>
      ) : row.summary ? (
        <Badge tone={row.summary.selfCheck.passed ? "good" : "bad"}>
          {row.summary.selfCheck.passed ? "passed" : "failed"}
        </Badge>
      ) : (
        <Badge>not opened yet</Badge>
      ),
  },
  number("runs", "Runs", (row) => row.runs.totalCount),
];

export function ModelsPage() {
  useTitle("Models");
  const router = useRouter();
  const [adding, setAdding] = useState(false);
  const [after, setAfter] = useState<string | null>(null);
  const [{ data, error, fetching }, retry] = useQuery({
    query: ModelsQuery,
    variables: { after },
    requestPolicy: "cache-and-network",
  });
  const models = nodes(data?.models.edges);
  return (
    <>
      <PageHeader
        title="Models"
        lead="Models in Hugging Face format, opened as they are: no conversion, raw weights."
        actions={
          <Button onClick={() => setAdding(true)}>
            <PlusIcon size={14} /> Add a model
          </Button>
        }
      />
      <Dialog open={adding} onOpenChange={setAdding} title="Add a model">
        <AddModelForm
          onAdded={(name) => {
            setAdding(false);
            router.push(modelLink(name));
          }}
        />
      </Dialog>
      {error && !data ? (
        <ErrorState error={error} onRetry={() => retry({ requestPolicy: "network-only" })} />
      ) : !data ? (
        <TableSkeleton rows={4} />
      ) : models.length === 0 ? (
        <EmptyState
          title="There are no models yet"
          action={<Button onClick={() => setAdding(true)}>Add one</Button>}
        />
      ) : (
        <>
          <DataTable label="Models" columns={COLUMNS} rows={models} rowKey={(row) => row.id} />
          <div className="mt-3 flex items-center justify-between">
            <p className="label">
              {models.length} of {data.models.totalCount}
            </p>
            {data.models.pageInfo.hasNextPage && (
              <Button disabled={fetching} onClick={() => setAfter(data.models.pageInfo.endCursor ?? null)}>
                Load more
              </Button>
            )}
          </div>
        </>
      )}
    </>
  );
}
