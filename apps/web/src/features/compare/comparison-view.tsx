"use client";
import { type RefObject, useMemo, useRef } from "react";
import { useClient } from "urql";
import { FigureReceipts } from "@/charts/figure-receipts.tsx";
import { receiptsOf } from "@/features/run/receipt.ts";
import type { RunRowData } from "@/graphql/fragments.ts";
import { oneOf } from "@/state/url-state.ts";
import { Button } from "@/ui/button.tsx";
import { Section } from "@/ui/page.tsx";
import { ErrorState, Skeleton } from "@/ui/states.tsx";
import { saveBundle } from "./bundle/save-bundle.ts";
import {
  axisOf,
  COMPARED_METRICS,
  type CompareValues,
  type CurveView,
  curveViewOf,
  type SetCompare,
} from "./compare-state.ts";
import { Downloads } from "./downloads.tsx";
import { AxisChoice, Guard, Refusal, refusedFor } from "./guard.tsx";
import { HeadMaps } from "./head-maps.tsx";
import { KeyNumberTable } from "./key-number-table.tsx";
import { LayerCurves } from "./layer-curves.tsx";
import { MatchingFigure, matchedRuns } from "./matching-figure.tsx";
import { MechanismTable } from "./mechanism-table.tsx";
import { OverlapFigure } from "./overlap-figure.tsx";
import { type Comparison, MatchingQuery } from "./queries.ts";
import { seriesOf } from "./series.ts";
import {
  type ComparisonState,
  type ComparisonVariables,
  comparisonVariables,
  useComparison,
} from "./use-comparison.ts";

const nextFrame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

/** Two or more finished runs beside each other: the guard, then every number and figure. */
export function ComparisonView(props: {
  finished: readonly RunRowData[];
  /** What a file of it is called, and says of itself. */
  title: string;
  note: string | null;
  values: CompareValues;
  set: SetCompare;
}) {
  const { finished, values, set } = props;
  const variables = comparisonVariables(finished, values);
  const state = useComparison(variables);
  const { comparison, error } = state;
  const refused = refusedFor(error);
  const asked = axisOf(values.axis);
  const report = useRef<HTMLDivElement>(null);
  const client = useClient();
  const makeBundle = async (own: Comparison) => {
    const matched = matchedRuns(own, values.match);
    const asking = { ...variables, ids: matched, baseline: matched[0] ?? null };
    const matching = await client.query(MatchingQuery, asking).toPromise();
    // What has just arrived is on the page after the next frame; maps out of sight may still be drawn.
    do await nextFrame();
    while (report.current?.querySelector("[aria-busy=true]"));
    if (!report.current) return;
    saveBundle(report.current, {
      title: props.title,
      note: props.note,
      comparison: own,
      metric: oneOf(values.metric, COMPARED_METRICS),
      view: curveViewOf(values),
      more: { pairing: state.pairing, matching: matching.data?.compareRuns ?? null },
    });
  };
  return (
    <div className="mt-4 grid grid-cols-1 gap-5" aria-busy={state.fetching}>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <AxisChoice
          axis={comparison?.axis ?? asked}
          automatic={asked === null}
          onChange={(axis) => set({ axis, force: null })}
        />
        {comparison && (
          <Downloads
            exports={comparison.exports}
            onBundle={state.pairing && (() => makeBundle(comparison))}
          />
        )}
      </div>
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
        <Report
          report={report}
          comparison={comparison}
          variables={variables}
          state={state}
          values={values}
          set={set}
        />
      ) : (
        <Skeleton className="h-[640px]" />
      )}
    </div>
  );
}

function Report(props: {
  report: RefObject<HTMLDivElement | null>;
  comparison: Comparison;
  variables: ComparisonVariables;
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
  const receipts = useMemo(() => comparison.runs.flatMap(({ run }) => receiptsOf(run)), [comparison]);
  return (
    <FigureReceipts receipts={receipts}>
      <div ref={props.report} data-report="" className="grid grid-cols-1 gap-5">
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
        <Section title="Heads in common" className="mt-2">
          <div className="grid grid-cols-1 gap-4">
            <OverlapFigure comparison={comparison} series={series} />
            <MatchingFigure
              comparison={comparison}
              series={series}
              variables={props.variables}
              match={values.match}
              onMatch={(match) => set({ match }, "replace")}
            />
          </div>
        </Section>
      </div>
    </FigureReceipts>
  );
}

/** The same object while nothing in it changes, so that figures are not drawn again. */
function useCurveView(values: CompareValues): CurveView {
  const { curve, measure, scale, layout } = curveViewOf(values);
  return useMemo(() => ({ curve, measure, scale, layout }), [curve, measure, scale, layout]);
}
