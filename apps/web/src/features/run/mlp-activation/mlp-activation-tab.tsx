"use client";
import { useQuery } from "urql";
import { formatInteger, formatNumber, formatValue } from "@/format/numbers.ts";
import { useKept } from "@/state/use-kept.ts";
import { KeyNumbers } from "@/ui/key-numbers.tsx";
import { QueryView } from "@/ui/query-view.tsx";
import { EmptyState, ErrorState, Notice, Skeleton } from "@/ui/states.tsx";
import { chosenLayer, LayerPicker } from "../layer-picker.tsx";
import { DecompositionQuery, R2ByLayerQuery } from "../queries.ts";
import { RegressorChoice, regressorsOf } from "../regressor-choice.tsx";
import { type TabProps, TabSkeleton } from "../tab.tsx";
import { R2Figure } from "./r2-figure.tsx";
import { WeightsFigure } from "./weights-figure.tsx";
import { WeightsTable } from "./weights-table.tsx";

export function MlpActivationTab({ run, view }: TabProps) {
  const regressors = regressorsOf(view);
  const [state, retry] = useQuery({ query: R2ByLayerQuery, variables: { id: run.id, regressors } });
  const data = useKept(state.data);
  return (
    <QueryView
      state={{ ...state, data }}
      retry={retry}
      pick={(answer) => answer.run?.mlpActivation}
      skeleton={<TabSkeleton />}
      missing={<EmptyState title="This run has no decomposition" />}
    >
      {({ headlineLayer, decompositions: fits }) => {
        const layers = fits.map(({ layer }) => layer);
        const layer = chosenLayer(view.values.layer, layers, headlineLayer);
        const choose = (next: number) => view.set({ layer: next === headlineLayer ? "" : String(next) });
        if (layer === null) return <EmptyState title="No MLP layer was decomposed" />;
        return (
          <div className="grid grid-cols-1 gap-5">
            <div className="flex flex-wrap items-center justify-between gap-4">
              <RegressorChoice view={view} />
              <LayerPicker layers={layers} headline={headlineLayer} value={layer} onChange={choose} />
            </div>
            <Decomposed run={run} view={view} layer={layer} />
            <R2Figure
              run={run.id}
              facts={run.summary?.factsKnown ?? 0}
              regressors={regressors}
              fits={fits}
              layer={layer}
              headline={headlineLayer}
              name={`decomposition-r2-${regressors}-${run.key}`}
            />
          </div>
        );
      }}
    </QueryView>
  );
}

/** Height of the part below, known before its numbers are: rows of the table, or of the map beside it. */
function fitHeight(regressors: "R1" | "R2", layer: number, heads: number): number {
  const layers = regressors === "R1" ? 1 : layer + 1;
  const table = Math.min(560, layers * heads * 37 + 37) + 40;
  const figure = layers === 1 ? heads * 21 + 124 : Math.min(520, Math.max(180, layers * 22 + 20)) + 136;
  return 114 + Math.max(table, figure);
}

function Decomposed({ run, view, layer }: TabProps & { layer: number }) {
  const regressors = regressorsOf(view);
  const [state, retry] = useQuery({
    query: DecompositionQuery,
    variables: { id: run.id, regressors, layer },
  });
  const answer = useKept(state.data);
  const fit = answer?.run?.mlpActivation?.decompositions[0];
  if (!fit) {
    if (state.error)
      return <ErrorState error={state.error} onRetry={() => retry({ requestPolicy: "network-only" })} />;
    return (
      <Skeleton style={{ height: fitHeight(regressors, layer, run.argumentPassing?.headsPerLayer ?? 12) }} />
    );
  }
  const name = `weights-${fit.regressors}-MLP${fit.layer}-${run.key}`;
  const facts = run.summary?.factsKnown ?? 0;
  return (
    <>
      <KeyNumbers
        items={[
          {
            label: "R² within",
            plain: fit.r2Within,
            over: `n ${facts} facts`,
            unit: "r2",
            help: "On the facts it was fitted to",
          },
          {
            label: "R² held out",
            plain: fit.r2HeldOut,
            over: `n ${facts} facts${fit.r2HeldOutSd === null ? "" : `, sd ${formatValue(fit.r2HeldOutSd, "r2")}`}`,
            unit: "r2",
            help:
              fit.r2HeldOutSd === null
                ? "On facts it never saw"
                : `On facts it never saw\nsd over folds\t${formatValue(fit.r2HeldOutSd, "r2")}`,
          },
          { label: "Heads", plain: fit.weights.length, unit: "count", help: "Regressors of the fit" },
          { label: "Rank", plain: fit.rank, unit: "count", help: "Independent directions among them" },
          {
            label: "Intercept norm",
            plain: fit.interceptNorm,
            unit: "logit",
            help: "Length of the intercept in the residual stream",
          },
        ]}
      />
      <p className="px-1 text-sm text-ink-2">
        {fit.lambda === null ? "Solved without a penalty" : `Ridge with λ = ${formatNumber(fit.lambda)}`}
        {fit.condition === null ? "" : `, condition number ${formatInteger(fit.condition)}`},{" "}
        {fit.centred ? "centred over the width" : "not centred (RMS norm)"}, pooled over the task's prompts (
        {fit.pooling}).
      </p>
      {fit.reason && <Notice>{fit.reason}</Notice>}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
        <WeightsFigure run={run.id} fit={fit} facts={facts} name={name} />
        <WeightsTable fit={fit} facts={facts} name={name} />
      </div>
    </>
  );
}
