"use client";
import { useMemo } from "react";
import { useQuery } from "urql";
import { formatInteger, plural } from "@/format/numbers.ts";
import { shortModelName, shotsLabel } from "@/format/runs.ts";
import type { Settings } from "@/graphql/fragments.ts";
import { useDebounced } from "@/state/use-debounced.ts";
import { useKept } from "@/state/use-kept.ts";
import { cx } from "@/ui/class-names.ts";
import { CodeBlock } from "@/ui/copy-button.tsx";
import { Panel } from "@/ui/page.tsx";
import { EmptyState, ErrorState, Notice, Skeleton } from "@/ui/states.tsx";
import { TokenLine } from "@/ui/tokens.tsx";
import { createRunMutation, createStudyMutation, studyCommands } from "./commands.ts";
import { PreviewTotals } from "./preview-totals.tsx";
import { PromptPreviewQuery } from "./queries.ts";

const SHOWN_PROMPTS = 8;
export type Cell = [model: number, task: number, shots: number];

interface PreviewPanelProps {
  models: readonly string[];
  tasks: readonly string[];
  settings: readonly [Settings, ...Settings[]];
  cell: Cell;
  onCell: (cell: Cell) => void;
  force: boolean;
  /** Empty for any. */
  device: string;
  /** Of the study. */
  name: string;
  /** False while a field is out of range. */
  ready: boolean;
  /** Titles of tasks by slug. */
  titles: ReadonlyMap<string, string>;
}

/** What a run would ask and cost, before it starts: real prompts in the model's own tokens. Of a study, one of its cells. */
export function PreviewPanel(props: PreviewPanelProps) {
  const { models, tasks, settings, cell, force, device, name, ready } = props;
  const model = models[cell[0]] ?? "";
  const task = tasks[cell[1]] ?? "";
  const own = settings[cell[2]] ?? settings[0];
  const settingsKey = JSON.stringify(own);
  const input = useMemo(
    () => ({
      model,
      task,
      settings: JSON.parse(settingsKey) as Settings,
      ...(device !== "" && { device }),
      first: SHOWN_PROMPTS,
    }),
    [model, task, settingsKey, device],
  );
  const rested = useDebounced(input, 200);
  const [state, retry] = useQuery({
    query: PromptPreviewQuery,
    variables: { input: rested },
    pause: !ready || rested.model === "" || rested.task === "",
    // Earlier runs change what is known of its time.
    requestPolicy: "cache-and-network",
  });
  const preview = useKept(state.data)?.promptPreview;
  const cells = models.length * tasks.length * settings.length;
  const request = { name: name || "NAME", models, tasks, settings };

  if (cells === 0) return <EmptyState title="Tick a model and a task to see what would be asked" />;
  if (state.error)
    return (
      <div className="grid gap-5">
        {cells > 1 && <CellChoice {...props} />}
        <ErrorState error={state.error} onRetry={() => retry({ requestPolicy: "network-only" })} />
      </div>
    );
  if (!preview) {
    return (
      <div className="grid gap-4">
        <Skeleton className="h-[62px]" />
        <Skeleton className="h-[430px]" />
      </div>
    );
  }
  return (
    <div className="grid grid-cols-1 gap-5">
      {cells > 1 && <CellChoice {...props} />}
      <div
        className={cx(
          "grid grid-cols-1 gap-5 transition-opacity",
          ((state.fetching && !state.data) || !ready) && "opacity-60",
        )}
      >
        <PreviewTotals preview={preview} />
        {preview.warnings.map((warning) => (
          <Notice key={warning}>{warning}</Notice>
        ))}
        <Panel className="px-5 pt-4 pb-5">
          <div className="mb-2 flex items-baseline justify-between gap-4">
            <h2 className="text-base">Prompts</h2>
            <p className="label">
              <span className="font-medium text-subject">subject</span>, then the{" "}
              <span className="font-medium text-answer">answer's first token</span>; {preview.prompts.length}{" "}
              of {formatInteger(preview.promptCount)}
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
          <p className="label mt-3">
            Corruption: each prompt is paired with itself about another fact's subject of as many tokens.
          </p>
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
      </div>
      <Panel className="grid gap-3 px-5 py-4">
        {cells > 1 ? (
          <>
            <CodeBlock label="Command line, where no server holds the store" code={studyCommands(request)} />
            <CodeBlock label="GraphQL" code={createStudyMutation(request)} />
          </>
        ) : (
          <>
            <CodeBlock label="Command line" code={preview.command} />
            <CodeBlock
              label="GraphQL"
              code={createRunMutation({ model, task, settings: own, device, force })}
            />
          </>
        )}
      </Panel>
    </div>
  );
}

/** Which run of the study the preview shows. */
function CellChoice({ models, tasks, settings, cell, onCell, titles }: PreviewPanelProps) {
  const sides = [
    { label: "Model", options: models.map(shortModelName) },
    { label: "Task", options: tasks.map((slug) => titles.get(slug) ?? slug) },
    { label: "Shots", options: settings.map(({ shots }) => shotsLabel(shots)) },
  ];
  return (
    <div className="flex flex-wrap items-center gap-2">
      <span className="label">
        {plural(models.length * tasks.length * settings.length, "run")}; shown here:
      </span>
      {sides.map(({ label, options }, side) => (
        <select
          key={label}
          aria-label={`${label} of the preview`}
          className="control h-7! max-w-56 py-0! text-xs!"
          value={cell[side]}
          onChange={(event) =>
            onCell(cell.map((place, at) => (at === side ? Number(event.target.value) : place)) as Cell)
          }
        >
          {options.map((option, place) => (
            <option key={option} value={place}>
              {option}
            </option>
          ))}
        </select>
      ))}
    </div>
  );
}
