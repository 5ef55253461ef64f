"use client";
import { Command } from "cmdk";
import { useState } from "react";
import { useQuery } from "urql";
import { nodes } from "@/graphql/nodes.ts";
import { Button } from "@/ui/button.tsx";
import { CheckIcon } from "@/ui/icons.tsx";
import { PromptsQuery } from "../queries.ts";

const PAGE_SIZE = 500;
const ITEM =
  "flex cursor-pointer items-center gap-3 rounded-md px-2.5 py-1.5 text-sm data-[selected=true]:bg-sunken";

/** The mean, and every prompt to search and choose. */
export function PromptList(props: {
  run: string;
  chosen: number | null;
  onChoose: (prompt: number | null) => void;
}) {
  const { run, chosen, onChoose } = props;
  const [after, setAfter] = useState<string | null>(null);
  const [{ data, fetching }] = useQuery({
    query: PromptsQuery,
    variables: { id: run, first: PAGE_SIZE, after, known: null },
  });
  const connection = data?.run?.prompts;
  return (
    <Command label="Prompts" loop>
      <Command.Input
        autoFocus
        placeholder="Find a prompt by its words or its answer"
        className="h-10 w-full rounded-t-lg border-b border-line bg-transparent px-3.5 text-sm outline-none placeholder:text-ink-3"
      />
      <Command.List className="max-h-80 overflow-y-auto p-1.5">
        <Command.Empty className="px-2.5 py-3 text-sm text-ink-3">
          {fetching ? "Loading the prompts" : "No prompt has these words."}
        </Command.Empty>
        <Command.Item value="mean with interval" onSelect={() => onChoose(null)} className={ITEM}>
          <Check shown={chosen === null} />
          <span className="font-medium">Mean with interval</span>
        </Command.Item>
        {nodes(connection?.edges).map(({ index, text, answer, known }) => (
          <Command.Item
            key={index}
            value={`${index} ${text} ${answer}`}
            onSelect={() => onChoose(index)}
            className={ITEM}
          >
            <Check shown={chosen === index} />
            <span className="w-8 shrink-0 text-right text-xs text-ink-3">{index}</span>
            <span className="min-w-0 flex-1 truncate">
              {text} <span className="text-answer">{answer}</span>
            </span>
            {!known && <span className="text-xs text-ink-3">unknown</span>}
          </Command.Item>
        ))}
      </Command.List>
      {connection?.pageInfo.hasNextPage && (
        <div className="flex items-center justify-between border-t border-line px-3 py-2">
          <span className="label">
            {connection.edges.length} of {connection.totalCount.toLocaleString("en-US")} prompts
          </span>
          <Button disabled={fetching} onClick={() => setAfter(connection.pageInfo.endCursor)}>
            Load more
          </Button>
        </div>
      )}
    </Command>
  );
}

const Check = ({ shown }: { shown: boolean }) => (
  <span className="w-3.5 shrink-0">{shown && <CheckIcon size={14} />}</span>
);
