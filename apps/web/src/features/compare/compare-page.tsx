"use client";
import { useState } from "react";
import { SelectionProvider } from "@/state/selection.tsx";
import { useUnknownParameters, useUrlState } from "@/state/url-state.ts";
import { Button } from "@/ui/button.tsx";
import { PlusIcon } from "@/ui/icons.tsx";
import { PageHeader, useTitle } from "@/ui/page.tsx";
import { EmptyState, ErrorState, Notice, Skeleton } from "@/ui/states.tsx";
import { ChosenRunList } from "./chosen-runs.tsx";
import { COMPARE_DEFAULTS, type CompareValues, type SetCompare } from "./compare-state.ts";
import { ComparisonView } from "./comparison-view.tsx";
import { RunPicker } from "./run-picker.tsx";
import { seriesOf } from "./series.ts";
import { type ChosenRuns, COMPARED_RUNS, useChosenRuns } from "./use-comparison.ts";

export function ComparePage() {
  useTitle("Compare");
  const { values, set } = useUrlState(COMPARE_DEFAULTS);
  const unknown = useUnknownParameters(Object.keys(COMPARE_DEFAULTS));
  const [picking, setPicking] = useState(false);
  const chosen = useChosenRuns(values);
  const setRuns = (next: readonly string[]) => set({ runs: next.join(",") });

  return (
    <SelectionProvider values={values} set={set}>
      <PageHeader
        title="Compare"
        lead="Runs side by side, on the same scales, against a baseline."
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
      <RunPicker open={picking} onOpenChange={setPicking} chosen={chosen.ids} onChange={setRuns} />
      <Body chosen={chosen} values={values} set={set} onPick={() => setPicking(true)} />
    </SelectionProvider>
  );
}

function Body(props: { chosen: ChosenRuns; values: CompareValues; set: SetCompare; onPick: () => void }) {
  const { chosen, values, set, onPick } = props;
  const { ids, found, finished, lost } = chosen;
  if (ids.length === 0) {
    return (
      <EmptyState
        title="No runs chosen"
        action={
          <Button look="primary" onClick={onPick}>
            Choose runs
          </Button>
        }
      >
        Choose two or more finished runs: two tasks on one model, one task on two models, or zero-shot against
        few-shot.
      </EmptyState>
    );
  }
  if (chosen.error && found.length === 0) {
    return (
      <ErrorState error={chosen.error} onRetry={() => chosen.retry({ requestPolicy: "network-only" })} />
    );
  }
  if (chosen.loading) return <Skeleton className="h-[640px]" />;
  return (
    <>
      <ChosenRunList
        series={seriesOf(finished, values.base)}
        unfinished={found.filter(({ status }) => status !== "SUCCEEDED")}
        onBaseline={(base) => set({ base })}
        onRemove={(id) => set({ runs: ids.filter((each) => each !== id).join(",") })}
      />
      {lost.length > 0 && (
        <div className="mt-4">
          <Notice>
            {lost.length} of the chosen runs {lost.length === 1 ? "does" : "do"} not exist any more.{" "}
            <button
              type="button"
              className="link"
              onClick={() => set({ runs: found.map(({ id }) => id).join(",") }, "replace")}
            >
              Leave {lost.length === 1 ? "it" : "them"} out
            </button>
          </Notice>
        </div>
      )}
      {finished.length < COMPARED_RUNS.min ? (
        <div className="mt-6">
          <EmptyState
            title={finished.length === 1 ? "One finished run is chosen" : "None of these runs is finished"}
            action={
              <Button look="primary" onClick={onPick}>
                Add {finished.length === 1 ? "another one" : "runs"}
              </Button>
            }
          >
            A comparison needs two finished runs.
          </EmptyState>
        </div>
      ) : finished.length > COMPARED_RUNS.max ? (
        <div className="mt-6">
          <EmptyState title={`${finished.length} runs are chosen`}>
            Up to {COMPARED_RUNS.max} runs are compared at once: remove some of them.
          </EmptyState>
        </div>
      ) : (
        <ComparisonView finished={finished} values={values} set={set} />
      )}
    </>
  );
}
