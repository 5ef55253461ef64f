"use client";
import { useSubscription } from "urql";
import type { RunRowData } from "@/graphql/fragments.ts";
import { isActive } from "@/ui/run-status.tsx";
import { RunChanged, RunProgress } from "./queries.ts";

/** Keeps lists current: status changes of any run land in the cache. */
export function useLiveRuns(): void {
  useSubscription({ query: RunChanged });
}

/** Follows one run while it is queued or running; the cache takes each event. */
export function useLiveRun(run: Pick<RunRowData, "id" | "status"> | null | undefined): void {
  useSubscription({
    query: RunProgress,
    variables: { id: run?.id ?? "" },
    pause: !run || !isActive(run.status),
  });
}
