"use client";
import { useQuery } from "urql";
import { formatNumber, formatPValue, formatValue } from "@/format/numbers.ts";
import { useKept } from "@/state/use-kept.ts";
import { KeyNumbers } from "@/ui/key-numbers.tsx";
import { QueryView } from "@/ui/query-view.tsx";
import { EmptyState } from "@/ui/states.tsx";
import { chosenLayer, LayerPicker } from "../layer-picker.tsx";
import { type Intercept, InterceptsQuery } from "../queries.ts";
import { RegressorChoice, regressorsOf } from "../regressor-choice.tsx";
import { type TabProps, TabSkeleton } from "../tab.tsx";
import { InterceptTokensFigure } from "./intercept-tokens-figure.tsx";
import { TypeGainFigure } from "./type-gain-figure.tsx";

export function FunctionApplicationTab({ run, view }: TabProps) {
  const regressors = regressorsOf(view);
  const [state, retry] = useQuery({ query: InterceptsQuery, variables: { id: run.id, regressors } });
  const data = useKept(state.data);
  return (
    <QueryView
      state={{ ...state, data }}
      retry={retry}
      pick={(answer) => answer.run}
      skeleton={<TabSkeleton />}
      missing={<EmptyState title="This run has no intercepts" />}
    >
      {(answer) => {
        const intercepts = answer.functionApplication?.intercepts ?? [];
        const headline = answer.mlpActivation?.headlineLayer ?? null;
        const layers = intercepts.map(({ layer }) => layer);
        const layer = chosenLayer(view.values.layer, layers, headline);
        const intercept = intercepts.find((each) => each.layer === layer);
        if (layer === null || !intercept) return <EmptyState title="This run has no intercepts" />;
        const name = `intercept-${regressors}-MLP${layer}-${run.key}`;
        return (
          <div className="grid grid-cols-1 gap-5">
            <div className="flex flex-wrap items-center justify-between gap-4">
              <RegressorChoice view={view} />
              <LayerPicker
                layers={layers}
                headline={headline}
                value={layer}
                onChange={(next) => view.set({ layer: next === headline ? "" : String(next) })}
              />
            </div>
            <InterceptNumbers intercept={intercept} />
            <Verdict intercept={intercept} />
            <InterceptTokensFigure
              run={run.id}
              facts={run.summary?.factsKnown ?? 0}
              intercept={intercept}
              name={name}
            />
            <TypeGainFigure
              run={run.id}
              regressors={regressors}
              intercepts={intercepts}
              layer={layer}
              name={`type-gain-${regressors}-${run.key}`}
            />
          </div>
        );
      }}
    </QueryView>
  );
}

function InterceptNumbers({ intercept }: { intercept: Intercept }) {
  return (
    <KeyNumbers
      items={[
        {
          label: "Type gain of the intercept",
          estimate: intercept.typeGain,
          unit: "logit",
          signed: true,
          help: "Mean over the task's candidates of the intercept's centred logit",
        },
        {
          label: "of the mean MLP output",
          estimate: intercept.typeGainOfMean,
          unit: "logit",
          signed: true,
          help: "The same for the plain mean: the intercept has to beat it",
        },
        {
          label: "Cosine with the mean",
          plain: intercept.cosineWithMean,
          over: `n ${intercept.typeGain.n} facts`,
          unit: "cosine",
          help: "1: the intercept is the mean output, the regression adds nothing",
        },
        {
          label: "Candidates in the top 20",
          plain: intercept.candidatesInTop,
          over: `of 20, ${formatPValue(intercept.pValue)}`,
          unit: "count",
          help: `Answers of the task among the 20 tokens it promotes most\nhypergeometric test\t${formatPValue(intercept.pValue)}`,
        },
      ]}
    />
  );
}

/** What the numbers say, in words. */
function Verdict({ intercept }: { intercept: Intercept }) {
  const { typeGain, typeGainOfMean, pValue, candidatesInTop, layer } = intercept;
  if (typeGain.value === null) return null;
  const promotes = typeGain.low !== null && typeGain.low > 0;
  const beats =
    typeGain.low !== null && typeGainOfMean.high !== null && typeGain.low > typeGainOfMean.high
      ? "more than the mean output does"
      : "about as much as the mean output does, so the regression adds little here";
  return (
    <p className="max-w-[130ch] px-1 text-ink-2">
      {promotes
        ? `The intercept of MLP${layer} raises the task's answers by ${formatNumber(typeGain.value)} logits, ${beats}. `
        : `No evidence that the intercept of MLP${layer} raises the task's answers: its interval contains 0 or lies below. `}
      {candidatesInTop} of its 20 most promoted tokens are answers of the task ({formatPValue(pValue)}
      {intercept.cosineWithMean === null
        ? ""
        : `; cosine with the mean output ${formatValue(intercept.cosineWithMean, "cosine")}`}
      ).
    </p>
  );
}
