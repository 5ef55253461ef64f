"use client";
import { useMemo } from "react";
import { useQuery } from "urql";
import { formatInteger, plural } from "@/format/numbers.ts";
import type { Settings } from "@/graphql/fragments.ts";
import { useDebounced } from "@/state/use-debounced.ts";
import { useKept } from "@/state/use-kept.ts";
import { cx } from "@/ui/class-names.ts";
import { CodeBlock } from "@/ui/copy-button.tsx";
import { Panel } from "@/ui/page.tsx";
import { ErrorState, Notice, Skeleton } from "@/ui/states.tsx";
import { TokenLine } from "@/ui/tokens.tsx";
import { createRunMutation } from "./commands.ts";
import { type PromptPreview, PromptPreviewQuery } from "./queries.ts";

const SHOWN_PROMPTS = 8;

interface PreviewPanelProps {
  model: string;
  task: string;
  settings: Settings;
  force: boolean;
  /** False while a field is out of range. */
  ready: boolean;
}

/** What the run would ask, before it starts: real prompts in the model's own tokens. */
export function PreviewPanel({ model, task, settings, force, ready }: PreviewPanelProps) {
  const settingsKey = JSON.stringify(settings);
  const input = useMemo(
    () => ({ model, task, settings: JSON.parse(settingsKey) as Settings, first: SHOWN_PROMPTS }),
    [model, task, settingsKey],
  );
  const rested = useDebounced(input, 200);
  const [state, retry] = useQuery({
    query: PromptPreviewQuery,
    variables: { input: rested },
    pause: !ready || rested.model === "" || rested.task === "",
  });
  const preview = useKept(state.data)?.promptPreview;

  if (state.error)
    return <ErrorState error={state.error} onRetry={() => retry({ requestPolicy: "network-only" })} />;
  if (!preview) {
    return (
      <div className="grid gap-4">
        <Skeleton className="h-[62px]" />
        <Skeleton className="h-[430px]" />
      </div>
    );
  }
  return (
    <div
      className={cx("grid grid-cols-1 gap-5 transition-opacity", (state.fetching || !ready) && "opacity-60")}
    >
      <Totals preview={preview} />
      {preview.warnings.map((warning) => (
        <Notice key={warning}>{warning}</Notice>
      ))}
      <Panel className="px-5 pt-4 pb-5">
        <div className="mb-2 flex items-baseline justify-between gap-4">
          <h2 className="text-base">Prompts</h2>
          <p className="label">
            <span className="font-medium text-subject">subject</span>, then the{" "}
            <span className="font-medium text-answer">answer's first token</span>; {preview.prompts.length} of{" "}
            {formatInteger(preview.promptCount)}
          </p>
        </div>
        <ul className="divide-y divide-line">
          {preview.prompts.map((prompt) => (
            <li key={prompt.text} className="py-2">
              <TokenLine
                tokens={prompt.tokens}
                subjectStart={prompt.subjectStart}
                subjectEnd={prompt.subjectEnd}
                answer={prompt.answerToken}
              />
            </li>
          ))}
        </ul>
      </Panel>
      {preview.dropped.length > 0 && (
        <Panel className="px-5 pt-4 pb-5">
          <h2 className="mb-2 text-base">{plural(preview.dropped.length, "fact")} left out</h2>
          <ul className="text-sm">
            {preview.dropped.map(({ subject, answer, reason }) => (
              <li key={`${subject}/${answer}`} className="grid grid-cols-[minmax(0,200px)_1fr] gap-4 py-1">
                <span className="truncate">
                  {subject} <span className="text-ink-3">→</span> {answer}
                </span>
                <span className="text-ink-2">{reason}</span>
              </li>
            ))}
          </ul>
        </Panel>
      )}
      <Panel className="grid gap-3 px-5 py-4">
        <CodeBlock label="Command line" code={preview.command} />
        <CodeBlock label="GraphQL" code={createRunMutation({ model, task, settings, force })} />
      </Panel>
    </div>
  );
}

function Totals({ preview }: { preview: PromptPreview }) {
  const items = [
    { value: preview.factsAdmitted, label: "facts" },
    { value: preview.promptCount, label: "prompts" },
    { value: preview.passes, label: "forward passes" },
  ];
  return (
    <dl className="flex gap-10 px-1">
      {items.map(({ value, label }) => (
        <div key={label}>
          <dd className="text-2xl font-semibold tracking-tight">{formatInteger(value)}</dd>
          <dt className="label">{label}</dt>
        </div>
      ))}
    </dl>
  );
}
