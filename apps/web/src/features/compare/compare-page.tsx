"use client";
import { useState } from "react";
import { useQuery } from "urql";
import { SelectionProvider } from "@/state/selection.tsx";
import { oneOf, useUnknownParameters, useUrlState } from "@/state/url-state.ts";
import { useKept } from "@/state/use-kept.ts";
import { Button } from "@/ui/button.tsx";
import { PlusIcon } from "@/ui/icons.tsx";
import { PageHeader, useTitle } from "@/ui/page.tsx";
import { EmptyState, ErrorState, Notice, Skeleton } from "@/ui/states.tsx";
import { CompareLens } from "./compare-lens.tsx";
import { CompareMaps } from "./compare-maps.tsx";
import { COMPARE_DEFAULTS, COMPARED_METRICS } from "./compare-state.ts";
import { GuardBox } from "./guard-box.tsx";
import { KeyNumberTable } from "./key-number-table.tsx";
import { MoverOverlap } from "./mover-overlap.tsx";
import { type ComparedRun, CompareQuery } from "./queries.ts";
import { RunChips } from "./run-chips.tsx";
import { RunPicker } from "./run-picker.tsx";
import { seriesOf } from "./series.ts";

export function ComparePage() {
  useTitle("Compare");
  const { values, set } = useUrlState(COMPARE_DEFAULTS);
  const unknown = useUnknownParameters(Object.keys(COMPARE_DEFAULTS));
  const ids = [...new Set(values.runs.split(",").filter(Boolean).map(decodeId))];
  const [picking, setPicking] = useState(false);
  const [state, retry] = useQuery({ query: CompareQuery, variables: { ids }, pause: ids.length === 0 });
  const data = useKept(state.data);
  const found = ids.flatMap((id) => {
    const run = (data?.nodes ?? []).find(
      (node) => node?.__typename === "Run" && (node.id === id || node.key === id),
    );
    return run ? [run as ComparedRun] : [];
  });
  const finished = found.filter((run) => run.argumentPassing && run.prediction);
  const setRuns = (next: readonly string[]) => set({ runs: next.join(",") });
  const settled = !state.fetching && data !== undefined;

  return (
    <SelectionProvider values={values} set={set}>
      <PageHeader
        title="Compare"
        lead="Runs side by side on the same scales. The first one is the baseline that deltas refer to."
        actions={
          <Button onClick={() => setPicking(true)}>
            <PlusIcon size={14} /> Add runs
          </Button>
        }
      />
      {unknown.length > 0 && (
        <div className="mb-4">
          <Notice tone="info">The address has parts this page does not know: {unknown.join(", ")}.</Notice>
        </div>
      )}
      <RunPicker open={picking} onOpenChange={setPicking} chosen={ids} onChange={setRuns} />
      {ids.length === 0 ? (
        <EmptyState
          title="No runs chosen"
          action={
            <Button look="primary" onClick={() => setPicking(true)}>
              Choose runs
            </Button>
          }
        >
          Choose two or more finished runs: two tasks on one model, one task on two models, or zero-shot
          against few-shot.
        </EmptyState>
      ) : state.error && finished.length === 0 ? (
        <ErrorState error={state.error} onRetry={() => retry({ requestPolicy: "network-only" })} />
      ) : found.length === 0 && !settled ? (
        <Skeleton className="h-[640px]" />
      ) : (
        <>
          <RunChips series={seriesOf(finished)} onChange={setRuns} />
          {settled && found.length < ids.length && (
            <div className="mt-4">
              <Notice>{ids.length - found.length} of the chosen runs do not exist any more.</Notice>
            </div>
          )}
          {found.length > finished.length && (
            <div className="mt-4">
              <Notice tone="info">
                {found.length - finished.length} of the chosen runs have no results (yet).
              </Notice>
            </div>
          )}
          {finished.length < 2 ? (
            <div className="mt-6">
              <EmptyState
                title={finished.length === 1 ? "One run is chosen" : "None of these runs has results"}
                action={
                  <Button look="primary" onClick={() => setPicking(true)}>
                    Add {finished.length === 1 ? "another one" : "runs"}
                  </Button>
                }
              >
                A comparison needs two finished runs.
              </EmptyState>
            </div>
          ) : (
            <Comparison runs={finished} values={values} set={set} />
          )}
        </>
      )}
    </SelectionProvider>
  );
}

/** Ids may arrive percent-encoded twice, once by the link and once by the address bar. */
const decodeId = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

function Comparison(props: {
  runs: ComparedRun[];
  values: Record<keyof typeof COMPARE_DEFAULTS, string>;
  set: (
    change: Partial<Record<keyof typeof COMPARE_DEFAULTS, string | null>>,
    how?: "push" | "replace",
  ) => void;
}) {
  const { runs, values, set } = props;
  const series = seriesOf(runs);
  return (
    <div className="mt-5 grid grid-cols-1 gap-5">
      <GuardBox series={series} />
      <KeyNumberTable series={series} />
      <CompareMaps
        series={series}
        metric={oneOf(values.metric, COMPARED_METRICS)}
        onMetric={(metric) => set({ metric }, "replace")}
      />
      <CompareLens
        series={series}
        measure={oneOf(values.lens, ["probability", "centredLogit"] as const)}
        token={oneOf(values.token, ["answer", "subject"] as const)}
        onChange={(change) => set(change, "replace")}
      />
      <MoverOverlap series={series} />
    </div>
  );
}
