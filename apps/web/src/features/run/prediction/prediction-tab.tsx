"use client";
import { useQuery } from "urql";
import { formatValue } from "@/format/numbers.ts";
import { useKept } from "@/state/use-kept.ts";
import { KeyNumbers } from "@/ui/key-numbers.tsx";
import { QueryView } from "@/ui/query-view.tsx";
import { EmptyState } from "@/ui/states.tsx";
import { lensOfPrompt } from "../prompt/prompt-estimates.ts";
import { usePrompt } from "../prompt/use-prompt.ts";
import { type Prediction, PredictionQuery, type PromptNumbers } from "../queries.ts";
import { type TabProps, TabSkeleton } from "../tab.tsx";
import { AttributionFigure } from "./attribution-figure.tsx";
import { LensFigure } from "./lens-figure.tsx";
import { MlpAttributionFigure } from "./mlp-attribution-figure.tsx";

export function PredictionTab({ run, view }: TabProps) {
  const [state, retry] = useQuery({ query: PredictionQuery, variables: { id: run.id } });
  const numbers = useKept(usePrompt(run, view));
  return (
    <QueryView
      state={state}
      retry={retry}
      pick={(data) => data.run?.prediction}
      skeleton={<TabSkeleton />}
      missing={<EmptyState title="This run has no prediction results" />}
    >
      {(whole) => {
        const lens = numbers ? lensOfPrompt(whole.lens, numbers) : null;
        return (
          <div className="grid grid-cols-1 gap-5">
            {numbers ? <PromptOutcome numbers={numbers} /> : <Outcome prediction={whole} />}
            <LensFigure
              run={run.id}
              lens={lens ?? whole.lens}
              prompt={lens && numbers ? numbers.prompt.index : null}
              view={view}
              name={`lens-${run.key}`}
            />
            <div className="grid items-start gap-5 lg:grid-cols-2">
              <AttributionFigure
                run={run.id}
                view={view}
                attribution={whole.directLogitAttribution}
                name={`direct-logit-attribution-${run.key}`}
              />
              <MlpAttributionFigure
                run={run.id}
                components={whole.directLogitAttribution.components}
                name={`mlp-attribution-${run.key}`}
              />
            </div>
          </div>
        );
      }}
    </QueryView>
  );
}

function Outcome({ prediction }: { prediction: Prediction }) {
  return (
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
          over: `n ${prediction.top1.n} facts`,
          unit: "rank",
          help: "Median rank of the answer in the vocabulary, 0 = top",
        },
      ]}
    />
  );
}

/** What the model makes of one prompt. */
function PromptOutcome({ numbers: { prompt } }: { numbers: PromptNumbers }) {
  const of = `on prompt ${prompt.index} alone`;
  return (
    <KeyNumbers
      items={[
        {
          label: "p(answer)",
          plain: prompt.probability,
          unit: "probability",
          help: `Probability of the answer's first token, ${of}`,
        },
        { label: "log p(answer)", plain: prompt.logProb, unit: "nats", help: `Its logarithm, ${of}` },
        { label: "Rank", plain: prompt.rank, unit: "rank", help: `Rank in the vocabulary, 0 = top, ${of}` },
        {
          label: "Rank among candidates",
          plain: prompt.candidateRank,
          unit: "rank",
          help: `Rank among the task's answers, 0 = top, ${of}`,
        },
      ]}
    />
  );
}
