"use client";
import type { ReactNode } from "react";
import type { UseQueryExecute, UseQueryState } from "urql";
import { ErrorState } from "./states.tsx";

/** One place for the three ends of a request: skeleton, error with retry, or the data (kept while refetching). */
export function QueryView<Data, Part>(props: {
  state: Pick<UseQueryState<Data>, "data" | "error" | "fetching">;
  retry: UseQueryExecute;
  /** The part that the children need; null or undefined when the answer lacks it. */
  pick: (data: Data) => Part | null | undefined;
  skeleton: ReactNode;
  missing: ReactNode;
  children: (part: Part) => ReactNode;
}) {
  const { state, retry, pick } = props;
  const part = state.data ? pick(state.data) : undefined;
  if (part !== undefined && part !== null) return props.children(part);
  if (state.error) {
    return <ErrorState error={state.error} onRetry={() => retry({ requestPolicy: "network-only" })} />;
  }
  if (state.data && !state.fetching) return props.missing;
  return props.skeleton;
}
