"use client";
import { useMemo } from "react";
import type { RunRowData } from "@/graphql/fragments.ts";
import { oneOf } from "@/state/url-state.ts";
import { Button } from "@/ui/button.tsx";
import { ErrorState, Skeleton } from "@/ui/states.tsx";
import {
  axisOf,
  COMPARED_METRICS,
  type CompareValues,
  type CurveView,
  curveViewOf,
  type SetCompare,
} from "./compare-state.ts";
import { AxisChoice, Guard, Refusal, refusedFor } from "./guard.tsx";
import { HeadMaps } from "./head-maps.tsx";
import { KeyNumberTable } from "./key-number-table.tsx";
import { LayerCurves } from "./layer-curves.tsx";
import { MechanismTable } from "./mechanism-table.tsx";
import type { Comparison } from "./queries.ts";
import { seriesOf } from "./series.ts";
import { type ComparisonState, comparisonVariables, useComparison } from "./use-comparison.ts";

/** Two or more finished runs beside each other: the guard, then every number and figure. */
export function ComparisonView(props: {
  finished: readonly RunRowData[];
  values: CompareValues;
  set: SetCompare;
}) {
  const { finished, values, set } = props;
  const state = useComparison(comparisonVariables(finished, values));
  const { comparison, error } = state;
  const refused = refusedFor(error);
  const asked = axisOf(values.axis);
  return (
    <div className="mt-4 grid grid-cols-1 gap-5" aria-busy={state.fetching}>
      <AxisChoice
        axis={comparison?.axis ?? asked}
        automatic={asked === null}
        onChange={(axis) => set({ axis, force: null })}
      />
      {refused ? (
        <Refusal
          differences={refused}
          series={seriesOf(finished, values.base)}
          onForce={() => set({ force: "1" })}
          otherAxis={
            asked !== null && (
              <Button look="primary" onClick={() => set({ axis: null })}>
                Compare along what they differ in
              </Button>
            )
          }
        />
      ) : error ? (
        <ErrorState error={error} onRetry={() => state.retry({ requestPolicy: "network-only" })} />
      ) : comparison ? (
        <Report comparison={comparison} state={state} values={values} set={set} />
      ) : (
        <Skeleton className="h-[640px]" />
      )}
    </div>
  );
}

function Report(props: {
  comparison: Comparison;
  state: ComparisonState;
  values: CompareValues;
  set: SetCompare;
}) {
  const { comparison, state, values, set } = props;
  const baseline = comparison.runs.find(({ isBaseline }) => isBaseline)?.run.id ?? "";
  // Figures redraw when their series change: they stay the same objects while the answer does.
  const series = useMemo(
    () =>
      seriesOf(
        comparison.runs.map(({ run }) => run),
        baseline,
      ),
    [comparison, baseline],
  );
  const view = useCurveView(values);
  const onBaseline = (base: string) => set({ base });
  return (
    <>
      <Guard comparison={comparison} series={series} onStopForcing={() => set({ force: null })} />
      <MechanismTable comparison={comparison} series={series} onBaseline={onBaseline} />
      <KeyNumberTable
        comparison={comparison}
        pairing={state.pairing}
        series={series}
        onBaseline={onBaseline}
      />
      {state.pairingError && <ErrorState error={state.pairingError} />}
      <LayerCurves
        comparison={comparison}
        series={series}
        view={view}
        onChange={(change) => set(change, "replace")}
      />
      <HeadMaps
        series={series}
        metric={oneOf(values.metric, COMPARED_METRICS)}
        onMetric={(metric) => set({ metric }, "replace")}
      />
    </>
  );
}

/** The same object while nothing in it changes, so that figures are not drawn again. */
function useCurveView(values: CompareValues): CurveView {
  const { curve, measure, scale, layout } = curveViewOf(values);
  return useMemo(() => ({ curve, measure, scale, layout }), [curve, measure, scale, layout]);
}
