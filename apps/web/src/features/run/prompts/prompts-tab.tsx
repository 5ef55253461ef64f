"use client";
import { useMemo, useState } from "react";
import { useQuery } from "urql";
import { nodes } from "@/graphql/nodes.ts";
import { useKept } from "@/state/use-kept.ts";
import { TableSkeleton } from "@/table/data-table.tsx";
import { Button } from "@/ui/button.tsx";
import { ChoiceGroup } from "@/ui/choice-group.tsx";
import { EmptyState, ErrorState } from "@/ui/states.tsx";
import { promptsQuery } from "../figure-queries.ts";
import { PromptsQuery } from "../queries.ts";
import type { TabProps } from "../tab.tsx";
import { PromptDetail } from "./prompt-detail.tsx";
import { knownChoice, PAGE_SIZE, promptsAsked } from "./prompts-asked.ts";
import { PromptsFigure } from "./prompts-figure.tsx";
import { PromptsTable } from "./prompts-table.tsx";

const CHOICES = [
  { value: "", label: "All" },
  { value: "yes", label: "Known facts" },
  { value: "no", label: "Unknown facts" },
] as const;

/** What each page of the loaded list begins after. */
const pageStarts = (edges: readonly ({ cursor: string } | null)[]): (string | null)[] =>
  edges.flatMap((edge, at) =>
    at === 0 ? [null] : at % PAGE_SIZE === 0 ? [edges[at - 1]?.cursor ?? null] : edge ? [] : [],
  );

export function PromptsTab({ run, view }: TabProps) {
  const choice = knownChoice(view);
  const [cursor, setCursor] = useState<{ choice: string; after: string | null } | null>(null);
  const [text, setText] = useState("");
  const after = cursor?.choice === choice ? cursor.after : null;
  const asked = promptsAsked(run.id, choice, after);
  const [state, retry] = useQuery({ query: PromptsQuery, variables: asked });
  const connection = useKept(state.data)?.run?.prompts;
  const prompts = useMemo(() => nodes(connection?.edges), [connection]);
  const shown = useMemo(() => {
    const wanted = text.trim().toLowerCase();
    return prompts.filter((prompt) => `${prompt.text} ${prompt.answer}`.toLowerCase().includes(wanted));
  }, [prompts, text]);
  const selected = prompts.find((prompt) => String(prompt.index) === view.values.prompt);

  if (state.error && !connection) {
    return <ErrorState error={state.error} onRetry={() => retry({ requestPolicy: "network-only" })} />;
  }
  if (!connection) return <TableSkeleton rows={14} />;
  return (
    <div className="grid grid-cols-1 gap-5">
      <PromptsFigure
        prompts={prompts}
        total={connection.totalCount}
        query={promptsQuery(run.id, pageStarts(connection.edges), PAGE_SIZE, asked.known)}
        name={`prompts-${run.key}`}
      />
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="flex items-center gap-3">
          <label>
            <span className="sr-only">Filter the prompts</span>
            <input
              className="control w-56"
              placeholder="Filter prompts"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          </label>
          <ChoiceGroup
            label="Facts"
            value={choice || "all"}
            choices={CHOICES.map((each) => ({ ...each, value: each.value || "all" }))}
            onChange={(value) => view.set({ known: value === "all" ? "" : value })}
          />
        </div>
        <span className="label" aria-live="polite">
          {shown.length} of {connection.totalCount.toLocaleString("en-US")} prompts
        </span>
      </div>
      {selected && <PromptDetail prompt={selected} onClose={() => view.set({ prompt: null })} />}
      {shown.length === 0 ? (
        <EmptyState title="No prompt matches" />
      ) : (
        <PromptsTable prompts={shown} selected={selected?.index ?? null} />
      )}
      {connection.pageInfo.hasNextPage && (
        <div>
          <Button
            disabled={state.fetching}
            onClick={() => setCursor({ choice, after: connection.pageInfo.endCursor })}
          >
            {state.fetching ? "Loading" : "Load more"}
          </Button>
        </div>
      )}
    </div>
  );
}
