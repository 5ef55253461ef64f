"use client";
import { useEffect, useState } from "react";
import { useQuery, useSubscription } from "urql";
import { plural } from "@/format/numbers.ts";
import { SelectionProvider } from "@/state/selection.tsx";
import { useUnknownParameters, useUrlState } from "@/state/url-state.ts";
import { Button, ButtonLink } from "@/ui/button.tsx";
import { PlusIcon, SearchIcon } from "@/ui/icons.tsx";
import { PageHeader, Section, useTitle } from "@/ui/page.tsx";
import { EmptyState, ErrorState, Notice, Skeleton } from "@/ui/states.tsx";
import { ChosenRunList } from "./chosen-runs.tsx";
import {
  COMPARE_DEFAULTS,
  type CompareValues,
  chosenIds,
  type SetCompare,
  toggleRun,
  withIds,
} from "./compare-state.ts";
import { ComparisonView } from "./comparison-view.tsx";
import { CopyLink } from "./copy-link.tsx";
import { RunMatrixPicker } from "./matrix/run-matrix.tsx";
import { RunPicker } from "./run-picker.tsx";
import { ComparisonChanged, type SavedComparison, SavedComparisonQuery } from "./saved/queries.ts";
import { SaveActions } from "./saved/save-actions.tsx";
import { valuesOfSaved } from "./saved/saved-view.ts";
import { seriesOf } from "./series.ts";
import { type ChosenRuns, COMPARED_RUNS, useChosenRuns } from "./use-comparison.ts";

export function ComparePage() {
  const { values, set } = useUrlState(COMPARE_DEFAULTS);
  const unknown = useUnknownParameters(Object.keys(COMPARE_DEFAULTS));
  const [listing, setListing] = useState(false);
  const [wanted, setWanted] = useState<boolean | null>(null);
  const chosen = useChosenRuns(values);
  const saved = useSaved(values, set);
  useIds(values, set, chosen);
  useTitle(saved?.name ?? "Compare");
  // Until it is opened or closed by hand the matrix is there while there is nothing to compare.
  const choosing = wanted ?? chosen.ids.length < COMPARED_RUNS.min;
  const toggle = (id: string) => set(toggleRun(id));

  return (
    <SelectionProvider values={values} set={set}>
      <PageHeader
        title={saved?.name ?? "Compare"}
        lead={saved?.note ?? "Runs side by side, on the same scales, against a baseline."}
        actions={
          <>
            <ButtonLink look="quiet" href="/comparisons">
              Saved comparisons
            </ButtonLink>
            {chosen.found.length > 0 && (
              <>
                <CopyLink />
                <SaveActions values={values} set={set} saved={saved} />
              </>
            )}
            <Button aria-expanded={choosing} onClick={() => setWanted(!choosing)}>
              {!choosing && <PlusIcon size={14} />} {choosing ? "Hide the matrix" : "Choose runs"}
            </Button>
          </>
        }
      />
      {saved !== null && saved.missingRuns > 0 && (
        <div className="mb-4">
          <Notice>
            {plural(saved.missingRuns, "run")} of this saved comparison{" "}
            {saved.missingRuns === 1 ? "was" : "were"} deleted.
          </Notice>
        </div>
      )}
      {unknown.length > 0 && (
        <div className="mb-4">
          <Notice tone="info">The address has parts this page does not know: {unknown.join(", ")}.</Notice>
        </div>
      )}
      {choosing && (
        <Section
          id="choose-runs"
          title="Choose runs"
          className="mb-6"
          aside={
            <Button look="quiet" onClick={() => setListing(true)}>
              <SearchIcon size={14} /> Search all runs
            </Button>
          }
        >
          <RunMatrixPicker
            chosen={chosen.ids}
            onToggle={(id) => {
              // The first click must not close what is being clicked in.
              setWanted(true);
              toggle(id);
            }}
            onStarted={(id) => {
              setWanted(true);
              set((now) => (chosenIds(now).includes(id) ? {} : toggleRun(id)(now)));
            }}
          />
        </Section>
      )}
      <RunPicker open={listing} onOpenChange={setListing} chosen={chosen.ids} onToggle={toggle} />
      <Body chosen={chosen} saved={saved} values={values} set={set} onPick={() => setWanted(true)} />
    </SelectionProvider>
  );
}

function Body(props: {
  chosen: ChosenRuns;
  saved: SavedComparison | null;
  values: CompareValues;
  set: SetCompare;
  onPick: () => void;
}) {
  const { chosen, saved, values, set, onPick } = props;
  const { ids, found, finished, lost } = chosen;
  if (ids.length === 0) return null;
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
        onRemove={(id) => set(toggleRun(id))}
      />
      {lost.length > 0 && (
        <div className="mt-4">
          <Notice>
            {lost.map(({ given, problem }) => (
              <span key={given} className="block">
                <code className="font-mono text-xs break-all">{given}</code>: {problem}
              </span>
            ))}
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
        <ComparisonView
          finished={finished}
          title={saved?.name ?? "Comparison"}
          note={saved?.note ?? null}
          values={values}
          set={set}
        />
      )}
    </>
  );
}

/** Hashes, addresses and names in the address give way to ids, which everything else on the page goes by. */
function useIds(values: CompareValues, set: SetCompare, { named }: ChosenRuns): void {
  const changed = withIds(values, named);
  const [runs, base] = [changed?.runs, changed?.base];
  useEffect(() => {
    if (runs !== undefined && base !== undefined) set({ runs, base }, "replace");
  }, [runs, base, set]);
}

/** The saved comparison that the address names; an address that names nothing else is completed by it. */
function useSaved(values: CompareValues, set: SetCompare): SavedComparison | null {
  const [{ data }] = useQuery({
    query: SavedComparisonQuery,
    variables: { id: values.saved },
    pause: values.saved === "",
  });
  useSubscription({ query: ComparisonChanged, pause: values.saved === "" });
  const saved = values.saved === "" ? null : (data?.comparison ?? null);
  const bare = saved !== null && values.runs === "";
  useEffect(() => {
    if (bare && saved.runs.some(({ run }) => run !== null)) set(valuesOfSaved(saved), "replace");
  }, [bare, saved, set]);
  return saved;
}
