"use client";
import { useState } from "react";
import type { CombinedError } from "urql";
import type { RunRowData } from "@/graphql/fragments.ts";

/**
 * Does something with each of some runs, one after the other, so that what is done and what is not stays clear when one is refused; begun again, it goes
 * on with the rest.
 * @param act gives the error of a run that is refused
 */
export function useOneByOne(
  runs: readonly RunRowData[],
  act: (run: RunRowData) => Promise<CombinedError | undefined>,
) {
  const [done, setDone] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<CombinedError | null>(null);
  /** @returns whether all of them are done */
  const start = async (): Promise<boolean> => {
    setBusy(true);
    setError(null);
    for (const run of runs.filter(({ id }) => !done.has(id))) {
      const refused = await act(run);
      if (refused) {
        setError(refused);
        setBusy(false);
        return false;
      }
      setDone((before) => new Set(before).add(run.id));
    }
    return true;
  };
  return { done: done.size, busy, error, start };
}
