"use client";
import { formatInteger } from "@/format/numbers.ts";
import type { RunRowData } from "@/graphql/fragments.ts";
import { nodes } from "@/graphql/nodes.ts";
import { Button } from "@/ui/button.tsx";
import { Section } from "@/ui/page.tsx";
import { EmptyState } from "@/ui/states.tsx";
import { RunsTable } from "./runs-table.tsx";

/** The runs of one model or task, with "load more". */
export function RunsOf(props: {
  connection: {
    totalCount: number;
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    edges: readonly ({ node: RunRowData } | null)[];
  };
  loading: boolean;
  onMore: (after: string | null) => void;
}) {
  const { connection, loading, onMore } = props;
  const runs = nodes(connection.edges);
  return (
    <Section title="Runs">
      {runs.length === 0 ? (
        <EmptyState title="No runs yet" />
      ) : (
        <>
          <RunsTable runs={runs} />
          <div className="mt-3 flex items-center justify-between">
            <p className="label">
              {formatInteger(runs.length)} of {formatInteger(connection.totalCount)}
            </p>
            {connection.pageInfo.hasNextPage && (
              <Button disabled={loading} onClick={() => onMore(connection.pageInfo.endCursor)}>
                {loading ? "Loading" : "Load more"}
              </Button>
            )}
          </div>
        </>
      )}
    </Section>
  );
}
