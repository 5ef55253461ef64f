"use client";
import { useQuery } from "urql";
import { formatValue } from "@/format/numbers.ts";
import { KeyNumbers } from "@/ui/key-numbers.tsx";
import { QueryView } from "@/ui/query-view.tsx";
import { EmptyState } from "@/ui/states.tsx";
import { PredictionQuery } from "../queries.ts";
import { type TabProps, TabSkeleton } from "../tab.tsx";
import { AttributionFigure } from "./attribution-figure.tsx";
import { LensFigure } from "./lens-figure.tsx";
import { MlpAttributionFigure } from "./mlp-attribution-figure.tsx";

export function PredictionTab({ run, view }: TabProps) {
  const [state, retry] = useQuery({ query: PredictionQuery, variables: { id: run.id } });
  return (
    <QueryView
      state={state}
      retry={retry}
      pick={(data) => data.run?.prediction}
      skeleton={<TabSkeleton />}
      missing={<EmptyState title="This run has no prediction results" />}
    >
      {(prediction) => (
        <div className="grid grid-cols-1 gap-5">
          <KeyNumbers
            items={[
              {
                label: "Top-1",
                estimate: prediction.top1,
                unit: "probability",
                help: "Share of facts whose answer is the model's first choice",
              },
              {
                label: "Top-1 among candidates",
                estimate: prediction.candidateTop1,
                unit: "probability",
                help: `The answer ranks first among the task's answers; chance is ${formatValue(prediction.chance, "probability")}`,
              },
              {
                label: "p(answer)",
                estimate: prediction.probability,
                unit: "probability",
                help: "Mean probability of the answer's first token",
              },
              {
                label: "log p(answer)",
                estimate: prediction.logProb,
                unit: "nats",
                help: "Mean log-probability of the answer's first token",
              },
              {
                label: "Median rank",
                plain: prediction.medianRank,
                unit: "rank",
                help: "Median rank of the answer in the vocabulary, 0 = top",
              },
            ]}
          />
          <LensFigure run={run.id} lens={prediction.lens} view={view} name={`lens-${run.key}`} />
          <div className="grid items-start gap-5 lg:grid-cols-2">
            <AttributionFigure
              run={run.id}
              view={view}
              attribution={prediction.directLogitAttribution}
              name={`direct-logit-attribution-${run.key}`}
            />
            <MlpAttributionFigure
              run={run.id}
              components={prediction.directLogitAttribution.components}
              name={`mlp-attribution-${run.key}`}
            />
          </div>
        </div>
      )}
    </QueryView>
  );
}
