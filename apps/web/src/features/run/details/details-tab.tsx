"use client";
import type { ReactNode } from "react";
import { useQuery } from "urql";
import { formatCount, formatInteger, formatNumber, plural } from "@/format/numbers.ts";
import { KNOWN_FILTER_LABELS, PRECISION_LABELS, SWEEP_MODE_LABELS, shotsLabel } from "@/format/runs.ts";
import { formatDateTime, formatDuration } from "@/format/time.ts";
import { Hash } from "@/ui/hash.tsx";
import { Panel, Section } from "@/ui/page.tsx";
import { QueryView } from "@/ui/query-view.tsx";
import { EmptyState, Notice } from "@/ui/states.tsx";
import { DetailsQuery, type RunDetails } from "../queries.ts";
import { FilesSection } from "../run-downloads.tsx";
import { type TabProps, TabSkeleton } from "../tab.tsx";
import { FactsReport } from "./facts-report.tsx";

export function DetailsTab({ run }: TabProps) {
  const [state, retry] = useQuery({ query: DetailsQuery, variables: { id: run.id } });
  return (
    <QueryView
      state={state}
      retry={retry}
      pick={(data) => data.run}
      skeleton={<TabSkeleton />}
      missing={<EmptyState title="This run has no receipt" />}
    >
      {(details) => (
        <div>
          {details.warnings.length > 0 && (
            <div className="mb-6 grid gap-2">
              {details.warnings.map((warning) => (
                <Notice key={warning}>{warning}</Notice>
              ))}
            </div>
          )}
          <Receipt details={details} />
          <FactsReport details={details} />
          <ExcludedPairs details={details} />
          <FilesSection run={run.id} />
          <Arrays details={details} />
        </div>
      )}
    </QueryView>
  );
}

function Receipt({ details }: { details: RunDetails }) {
  const { receipt } = details;
  if (!receipt) return null;
  const { model, settings } = receipt;
  const check = model.selfCheck;
  return (
    <Section title="Receipt">
      <div className="grid gap-5 lg:grid-cols-3">
        <Facts
          title="Model"
          rows={[
            ["Name", receipt.modelName],
            ["Architecture", model.architecture],
            ["Layers × heads", `${model.layers} × ${model.heads} (${model.kvHeads} key/value)`],
            ["Width, MLP width", `${formatInteger(model.width)}, ${formatInteger(model.mlpWidth)}`],
            ["Vocabulary", formatInteger(model.vocabulary)],
            ["Parameters", formatCount(model.parameters)],
            ["Weights stored as", model.dtype],
            ["Weights hash", <Hash key="w" value={model.weightHash} />],
            ["Tokenizer hash", <Hash key="t" value={model.tokenizerHash} />],
            ["Hub commit", model.hubCommit ? <Hash key="c" value={model.hubCommit} /> : "not of the hub"],
            ["Start token", model.bosPrepended ? "prepended" : "not prepended"],
          ]}
        />
        <Facts
          title="Task and settings"
          rows={[
            ["Task", receipt.taskSlug],
            ["Task hash", <Hash key="h" value={receipt.taskHash} />],
            ["Shots", shotsLabel(settings.shots)],
            ["Known when", KNOWN_FILTER_LABELS[settings.knownFilter]],
            ["Lead-ins", String(settings.leadIns)],
            ["Bootstrap samples", formatInteger(settings.bootstrapSamples)],
            ["Further analyses", settings.analyses.join(", ") || "none"],
            ["Prompts per fact in sweeps", formatInteger(settings.sweepPrompts)],
            ["Sweep over heads and positions", SWEEP_MODE_LABELS[settings.sweepMode]],
            ["Products with matrices", PRECISION_LABELS[settings.precision]],
            ["Seed", String(settings.seed)],
          ]}
        />
        <Facts
          title="Engine and checks"
          rows={[
            ["Engine", `${receipt.engineVersion}, semantics ${receipt.semanticsVersion}`],
            ["Runtime", `ONNX Runtime ${receipt.onnxruntime}, Node ${receipt.node}`],
            ["Platform", receipt.platform],
            ["Device, compute", `${receipt.device}, ${receipt.computeDtype}`],
            ["Started", formatDateTime(receipt.startedAt)],
            ["Took", formatDuration(receipt.seconds)],
            ["Residual sum", formatNumber(check.residualSum)],
            ["Head sum", formatNumber(check.headSum)],
            ["pattern @ v = z", formatNumber(check.patternValue)],
            ["Lens = logits", formatNumber(check.lensLogits)],
          ]}
        />
      </div>
    </Section>
  );
}

function Facts({ title, rows }: { title: string; rows: [string, ReactNode][] }) {
  return (
    <Panel className="px-5 py-4">
      <h3 className="mb-2">{title}</h3>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-sm">
        {rows.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-3">{name}</dt>
            <dd className="min-w-0 truncate text-right">{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function ExcludedPairs({ details }: { details: RunDetails }) {
  const excluded = details.argumentPassing?.excludedPairs ?? [];
  if (excluded.length === 0) return null;
  return (
    <Section title={`${plural(excluded.length, "excluded pair")}`}>
      <ul className="text-sm">
        {excluded.map(({ prompt, reason }) => (
          <li key={prompt} className="flex gap-4 border-t border-line py-1.5">
            <span className="w-24 text-ink-3">prompt {prompt}</span>
            <span>{reason}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Arrays({ details }: { details: RunDetails }) {
  if (details.arrays.length === 0) return null;
  return (
    <Section title="Stored arrays">
      <p className="mb-2 text-sm text-ink-2">
        Bulk numbers behind the figures; read them with the GraphQL field <code>run.array(name)</code>.
      </p>
      <ul className="text-sm">
        {details.arrays.map(({ name, unit, shape }) => (
          <li key={name} className="grid grid-cols-[minmax(0,2fr)_1fr_1fr] border-t border-line py-1.5">
            <code className="font-mono text-xs leading-5">{name}</code>
            <span className="text-ink-2">{unit}</span>
            <span className="text-right text-ink-2">{shape.join(" × ")}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
