"use client";
import { useState } from "react";
import { useQuery } from "urql";
import { RunsQuery } from "@/features/runs/queries.ts";
import { formatInteger } from "@/format/numbers.ts";
import { shortModelName, shotsLabel } from "@/format/runs.ts";
import { formatAgo } from "@/format/time.ts";
import { nodes } from "@/graphql/nodes.ts";
import { useDebounced } from "@/state/use-debounced.ts";
import { useKept } from "@/state/use-kept.ts";
import { Button } from "@/ui/button.tsx";
import { Checkbox } from "@/ui/checkbox.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { ErrorState, Skeleton } from "@/ui/states.tsx";

const PAGE_SIZE = 30;

/** Chooses finished runs to compare. */
export function RunPicker(props: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  chosen: readonly string[];
  onToggle: (id: string) => void;
}) {
  const { open, onOpenChange, chosen, onToggle } = props;
  const [text, setText] = useState("");
  const wanted = useDebounced(text, 200);
  const [state, retry] = useQuery({
    query: RunsQuery,
    variables: { first: PAGE_SIZE, filter: { status: ["SUCCEEDED"], text: wanted || null } },
    pause: !open,
  });
  const connection = useKept(state.data)?.runs;
  const runs = nodes(connection?.edges);
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Choose runs">
      <input
        type="search"
        aria-label="Search"
        className="control w-full"
        placeholder="Model, task or key"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="mt-3 h-[44vh] overflow-y-auto">
        {state.error && !connection ? (
          <ErrorState error={state.error} onRetry={() => retry({ requestPolicy: "network-only" })} />
        ) : !connection ? (
          <Skeleton className="h-full" />
        ) : (
          <ul>
            {runs.map((run) => (
              <li key={run.id} className="border-b border-line/70">
                <div className="flex items-center gap-3 py-2">
                  <Checkbox
                    checked={chosen.includes(run.id)}
                    onChange={() => onToggle(run.id)}
                    label={`${run.task.title}, ${shortModelName(run.model.name)}, ${shotsLabel(run.settings.shots)}, ${run.key}`}
                  />
                  <button
                    type="button"
                    className="min-w-0 flex-1 text-left text-sm"
                    onClick={() => onToggle(run.id)}
                  >
                    <span className="font-medium">{run.task.title}</span>
                    <span className="ml-2 text-ink-2">
                      {shortModelName(run.model.name)} · {shotsLabel(run.settings.shots)}
                    </span>
                  </button>
                  <span className="label whitespace-nowrap">{formatAgo(run.createdAt)}</span>
                </div>
              </li>
            ))}
          </ul>
        )}
      </div>
      <div className="mt-3 flex items-center justify-between">
        <span className="label">
          {connection
            ? `${formatInteger(runs.length)} of ${formatInteger(connection.totalCount)}; type to narrow down`
            : ""}
        </span>
        <Button look="primary" onClick={() => onOpenChange(false)}>
          Done
        </Button>
      </div>
    </Dialog>
  );
}
