"use client";
import { useQuery } from "urql";
import { type PromptNumbers, PromptNumbersQuery, type RunHeaderData } from "../queries.ts";
import type { RunView } from "../view-state.ts";

/** The prompt of the address: null where the page shows means; undefined while its numbers are on the way. */
export function usePrompt(run: Pick<RunHeaderData, "id">, view: RunView): PromptNumbers | null | undefined {
  const index = promptIndex(view);
  const [{ data, fetching }] = useQuery({
    query: PromptNumbersQuery,
    variables: { id: run.id, index: index ?? 0 },
    pause: index === null,
  });
  if (index === null) return null;
  const numbers = data?.run?.promptNumbers;
  if (numbers && numbers.prompt.index === index) return numbers;
  return fetching ? undefined : null;
}

/** Null where the address names none. */
export const promptIndex = ({ values }: Pick<RunView, "values">): number | null =>
  /^\d{1,9}$/.test(values.prompt) ? Number(values.prompt) : null;
