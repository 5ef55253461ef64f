"use client";
import { type ReactNode, useState } from "react";
import { useQuery } from "urql";
import { RunsOf } from "@/features/runs/runs-of.tsx";
import { formatCount, formatInteger, formatNumber } from "@/format/numbers.ts";
import { shortModelName } from "@/format/runs.ts";
import type { ModelSummary } from "@/graphql/fragments.ts";
import { joinNames } from "@/state/url-list.ts";
import { useKept } from "@/state/use-kept.ts";
import { Badge } from "@/ui/badge.tsx";
import { ButtonLink } from "@/ui/button.tsx";
import { Hash } from "@/ui/hash.tsx";
import { PageHeader, Panel, useTitle } from "@/ui/page.tsx";
import { EmptyState, ErrorState, Notice, Skeleton } from "@/ui/states.tsx";
import { BlockDiagram } from "./block-diagram.tsx";
import { DeleteModelButton } from "./delete-model-button.tsx";
import { SOURCES } from "./models-page.tsx";
import { ModelQuery } from "./queries.ts";
import { RecurringHeads } from "./recurring-heads.tsx";

export function ModelPage({ name }: { name: string }) {
  useTitle(shortModelName(name));
  const [after, setAfter] = useState<string | null>(null);
  const [{ data, error, fetching }, retry] = useQuery({ query: ModelQuery, variables: { name, after } });
  const model = useKept(data)?.model;
  if (!model) {
    if (error) return <ErrorState error={error} onRetry={() => retry({ requestPolicy: "network-only" })} />;
    if (data && !fetching) {
      return (
        <EmptyState
          title={`There is no model ${name}`}
          action={<ButtonLink href="/models">All models</ButtonLink>}
        />
      );
    }
    return <Skeleton className="h-[420px]" />;
  }
  return (
    <>
      <PageHeader
        title={shortModelName(model.name)}
        lead={`${model.name === shortModelName(model.name) ? "" : `${model.name}, `}${SOURCES[model.source]}`}
        actions={
          <>
            {model.source !== "BUNDLED" && <DeleteModelButton name={model.name} />}
            <ButtonLink
              look="primary"
              href={`/runs/new?model=${encodeURIComponent(joinNames([model.name]))}`}
            >
              New run on this model
            </ButtonLink>
          </>
        }
      />
      {model.error && (
        <Notice tone="bad">
          <code className="mr-2 font-mono text-xs">{model.error.code}</code>
          {model.error.message}
        </Notice>
      )}
      {model.summary ? (
        <>
          <Configuration summary={model.summary} />
          <div className="mt-6 grid gap-6">
            <BlockDiagram summary={model.summary} points={model.summary.hookPoints} />
            <RecurringHeads model={model.name} />
          </div>
        </>
      ) : (
        !model.error && (
          <Notice tone="info">This model was not opened yet; its first run opens and checks it.</Notice>
        )
      )}
      <RunsOf connection={model.runs} loading={fetching} onMore={setAfter} />
    </>
  );
}

function Configuration({ summary }: { summary: ModelSummary }) {
  const { selfCheck } = summary;
  return (
    <div className="grid gap-5 lg:grid-cols-3">
      <Facts
        title="Shape"
        rows={[
          ["Architecture", summary.architecture],
          ["Layers", formatInteger(summary.layers)],
          ["Heads", `${summary.heads}, ${summary.kvHeads} key/value`],
          ["Width", `${formatInteger(summary.width)}, ${formatInteger(summary.headWidth)} per head`],
          ["MLP width", formatInteger(summary.mlpWidth)],
          ["Positions", formatInteger(summary.positions)],
          ["Blocks", blocksOf(summary)],
          [
            "Logits",
            summary.logitCap === null ? "as they are" : `capped at ${formatNumber(summary.logitCap)}`,
          ],
        ]}
      />
      <Facts
        title="Weights and tokens"
        rows={[
          ["Parameters", formatCount(summary.parameters)],
          ["Stored as", summary.dtype],
          ["Vocabulary", formatInteger(summary.vocabulary)],
          ["Unembedding", summary.tied ? "tied to the embedding" : "its own"],
          ["Start token", summary.bosPrepended ? "prepended" : "not prepended"],
          ["Weights hash", <Hash key="weights" value={summary.weightHash} />],
          ["Tokenizer hash", <Hash key="tokenizer" value={summary.tokenizerHash} />],
          [
            "Hub commit",
            summary.hubCommit ? <Hash key="commit" value={summary.hubCommit} /> : "not of the hub",
          ],
        ]}
      />
      <Facts
        title="Parity record"
        badge={
          <Badge tone={selfCheck.passed ? "good" : "bad"}>{selfCheck.passed ? "passed" : "failed"}</Badge>
        }
        rows={[
          ["Residual stream = sum of its parts", formatNumber(selfCheck.residualSum)],
          ["Attention = sum of its heads", formatNumber(selfCheck.headSum)],
          ["pattern @ v = z", formatNumber(selfCheck.patternValue)],
          ["Lens of the last state = logits", formatNumber(selfCheck.lensLogits)],
          ["Computed on", `${selfCheck.device.toUpperCase()}, ${selfCheck.computeDtype}`],
          ...(selfCheck.deviceError === null
            ? []
            : [["Small trial = the CPU's", formatNumber(selfCheck.deviceError)] as [string, ReactNode]]),
          ...(selfCheck.deviceReason === null
            ? []
            : [["Device taken", selfCheck.deviceReason] as [string, ReactNode]]),
        ]}
        note="Largest errors of identities that hold in every transformer, relative to the largest value involved; measured when the model was opened."
      />
    </div>
  );
}

const NORMED: Record<string, string> = { output: ", outputs normed", stream: ", stream normed" };

const blocksOf = ({ blocks, postNorm }: ModelSummary): string =>
  `${blocks === "parallel" ? "attention beside MLP" : "attention, then MLP"}${NORMED[postNorm] ?? ""}`;

function Facts(props: { title: string; badge?: ReactNode; rows: [string, ReactNode][]; note?: string }) {
  return (
    <Panel className="px-5 py-4">
      <div className="mb-2 flex items-center justify-between">
        <h2 className="text-base">{props.title}</h2>
        {props.badge}
      </div>
      <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1 text-sm">
        {props.rows.map(([label, value]) => (
          <div key={label} className="contents">
            <dt className="text-ink-2">{label}</dt>
            <dd className="text-right">{value}</dd>
          </div>
        ))}
      </dl>
      {props.note && <p className="label mt-3">{props.note}</p>}
    </Panel>
  );
}
