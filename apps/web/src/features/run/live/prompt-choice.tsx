"use client";
import { useEffect, useMemo, useState } from "react";
import { useQuery } from "urql";
import { nodes } from "@/graphql/nodes.ts";
import { useKept } from "@/state/use-kept.ts";
import { LivePromptsQuery, type PromptChoice } from "./queries.ts";

/** The run's prompts, page after page; null until the first is there. */
export function usePrompts(run: string): { prompts: PromptChoice[]; total: number } | null {
  const [after, setAfter] = useState<string | null>(null);
  const [{ data }] = useQuery({ query: LivePromptsQuery, variables: { id: run, after } });
  const connection = useKept(data)?.run?.prompts;
  useEffect(() => {
    if (connection?.pageInfo.hasNextPage) setAfter(connection.pageInfo.endCursor ?? null);
  }, [connection]);
  return useMemo(
    () => (connection ? { prompts: nodes(connection.edges), total: connection.totalCount } : null),
    [connection],
  );
}

/** One of the run's prompts, by subject. */
export function PromptSelect(props: {
  prompts: readonly PromptChoice[];
  value: number;
  onChange: (index: number) => void;
}) {
  const groups = [
    { label: "Known facts", prompts: props.prompts.filter(({ known }) => known) },
    { label: "Unknown facts", prompts: props.prompts.filter(({ known }) => !known) },
  ];
  return (
    <label className="flex items-center gap-2 text-sm text-ink-2">
      Prompt
      <select
        className="control w-[min(460px,50vw)]"
        value={props.value}
        onChange={(event) => props.onChange(Number(event.target.value))}
      >
        {groups.map(
          ({ label, prompts }) =>
            prompts.length > 0 && (
              <optgroup key={label} label={label}>
                {prompts.map(({ index, text, answer }) => (
                  <option key={index} value={index}>
                    {index}: {text} → {answer}
                  </option>
                ))}
              </optgroup>
            ),
        )}
      </select>
    </label>
  );
}
