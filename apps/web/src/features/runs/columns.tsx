"use client";
import type { Unit } from "@/format/numbers.ts";
import { formatValue } from "@/format/numbers.ts";
import { KNOWN_FILTER_LABELS, shortModelName, shotsLabel } from "@/format/runs.ts";
import { formatAgo, formatDateTime, formatDuration, secondsBetween } from "@/format/time.ts";
import type { Estimate, RunRowData, RunSummary } from "@/graphql/fragments.ts";
import type { Column } from "@/table/data-table.tsx";
import { Tag } from "@/ui/chip.tsx";
import { Link } from "@/ui/link.tsx";
import { EstimateValue } from "@/ui/number.tsx";
import { isActive, StatusOrProgress } from "@/ui/run-status.tsx";
import { SuppressionText } from "@/ui/suppression.tsx";
import { runLink } from "./links.ts";
import type { RunOrder } from "./list-state.ts";
import { useLiveRun } from "./use-live-runs.ts";

export interface RunColumn extends Column<RunRowData> {
  /** What the server orders by; left out where it cannot. */
  order?: RunOrder["by"];
}

const Missing = () => <span className="text-ink-3">–</span>;

const measured = (
  column: Pick<RunColumn, "id" | "header" | "help" | "order">,
  of: (summary: RunSummary) => Estimate | null,
  unit: Unit,
  label: string,
): RunColumn => ({
  ...column,
  numeric: true,
  sort: (run) => (run.summary && of(run.summary)?.value) ?? null,
  render: (run) => {
    const estimate = run.summary && of(run.summary);
    return estimate ? <EstimateValue estimate={estimate} unit={unit} label={label} /> : <Missing />;
  },
});

const moment = (
  id: string,
  header: string,
  order: RunColumn["order"],
  of: (run: RunRowData) => string | null,
): RunColumn => ({
  id,
  header,
  order,
  sort: (run) => Date.parse(of(run) ?? "") || null,
  render: (run) => {
    const time = of(run);
    return time ? (
      <time dateTime={time} data-tip={formatDateTime(time)} className="whitespace-nowrap text-ink-2">
        {formatAgo(time)}
      </time>
    ) : (
      <Missing />
    );
  },
});

/** Every column a list of runs can have, in the order in which they stand. */
export const RUN_COLUMNS: readonly RunColumn[] = [
  {
    id: "status",
    header: "Status",
    order: "STATUS",
    sort: (run) => run.status,
    render: (run) => <LiveStatus run={run} />,
  },
  {
    id: "task",
    header: "Task",
    order: "TASK",
    sort: (run) => run.task.title,
    render: (run) => (
      <Link
        href={runLink(run)}
        className="link font-medium whitespace-nowrap"
        onClick={(event) => event.stopPropagation()}
      >
        {run.task.title}
      </Link>
    ),
  },
  {
    id: "model",
    header: "Model",
    order: "MODEL",
    sort: (run) => shortModelName(run.model.name),
    render: (run) => (
      <span className="block max-w-40 truncate" data-tip={run.model.name}>
        {shortModelName(run.model.name)}
      </span>
    ),
  },
  {
    id: "shots",
    header: "Shots",
    order: "SHOTS",
    numeric: true,
    sort: (run) => run.settings.shots,
    render: (run) => <span data-tip={shotsLabel(run.settings.shots)}>{run.settings.shots}</span>,
  },
  measured(
    {
      id: "top1",
      header: "Top-1",
      help: "Share of prompts whose answer is the model's first choice",
      order: "TOP1",
    },
    ({ top1 }) => top1,
    "probability",
    "Top-1 accuracy",
  ),
  measured(
    {
      id: "candidates",
      header: "Top-1 of answers",
      help: "Share of prompts whose answer comes first among the task's answers",
    },
    ({ candidateTop1 }) => candidateTop1,
    "probability",
    "Top-1 among the task's answers",
  ),
  measured(
    {
      id: "probability",
      header: "p(answer)",
      help: "Mean probability of the answer's first token",
      order: "PROBABILITY",
    },
    ({ probability }) => probability,
    "probability",
    "Probability of the answer",
  ),
  {
    id: "known",
    header: "Known",
    help: "Facts that the model knows, of the task's facts",
    numeric: true,
    sort: (run) => run.summary?.factsKnown ?? null,
    render: (run) =>
      run.summary ? (
        <span data-tip={`known: ${KNOWN_FILTER_LABELS[run.settings.knownFilter]}`}>
          {run.summary.factsKnown} <span className="text-ink-3">of {run.summary.factsTotal}</span>
        </span>
      ) : (
        <Missing />
      ),
  },
  {
    id: "mover",
    header: "Strongest mover",
    help: "Head with the largest patching effect, and that effect",
    order: "MOVER_EFFECT",
    sort: (run) => run.summary?.topMoverEffect?.value ?? null,
    render: (run) =>
      run.summary?.topMover && run.summary.topMoverEffect ? (
        <span className="whitespace-nowrap">
          <span className="mr-2 inline-block min-w-12 font-medium">{run.summary.topMover}</span>
          <EstimateValue estimate={run.summary.topMoverEffect} unit="effect" label="Patching effect" />
        </span>
      ) : run.summary ? (
        <span className="text-ink-3 italic" data-tip="no head passed the test for a mover">
          none
        </span>
      ) : (
        <Missing />
      ),
  },
  {
    id: "r2",
    header: "R² held out",
    help: "Decomposition of the headline MLP by all heads up to it, on facts it never saw",
    order: "R2_HELD_OUT",
    numeric: true,
    sort: (run) => run.summary?.r2HeldOut ?? null,
    render: (run) =>
      run.summary?.r2HeldOut == null ? <Missing /> : <span>{formatValue(run.summary.r2HeldOut, "r2")}</span>,
  },
  {
    id: "final",
    header: "Final layer",
    help: "Change of the answer's log-probability across the final layer, in nats",
    order: "FINAL_LAYER",
    sort: (run) => run.summary?.finalLayerChange.value ?? null,
    render: (run) =>
      run.summary ? (
        <span className="whitespace-nowrap">
          <span className="mr-2 inline-block min-w-12 text-right">
            <EstimateValue
              estimate={run.summary.finalLayerChange}
              unit="nats"
              label="Change of log p"
              signed
            />
          </span>
          <SuppressionText suppression={run.summary.suppression} className="text-xs" />
        </span>
      ) : (
        <Missing />
      ),
  },
  moment("created", "Asked for", "CREATED", ({ createdAt }) => createdAt),
  moment("started", "Started", "STARTED", ({ startedAt }) => startedAt),
  {
    id: "duration",
    header: "Took",
    order: "DURATION",
    numeric: true,
    sort: (run) => (run.startedAt && run.finishedAt ? secondsBetween(run.startedAt, run.finishedAt) : null),
    render: (run) =>
      run.startedAt && run.finishedAt ? (
        <span className="whitespace-nowrap text-ink-2">
          {formatDuration(secondsBetween(run.startedAt, run.finishedAt))}
        </span>
      ) : (
        <Missing />
      ),
  },
  {
    id: "tags",
    header: "Tags",
    sort: (run) => run.tags.join(", ") || null,
    render: (run) => <Tags tags={run.tags} />,
  },
  {
    id: "note",
    header: "Note",
    sort: (run) => run.note,
    render: (run) =>
      run.note ? (
        <span className="block max-w-52 truncate text-ink-2" data-tip={run.note}>
          {run.note}
        </span>
      ) : (
        <Missing />
      ),
  },
  {
    id: "seed",
    header: "Seed",
    numeric: true,
    sort: (run) => run.settings.seed,
    render: (run) => run.settings.seed,
  },
  {
    id: "key",
    header: "Key",
    sort: (run) => run.key,
    render: (run) => <code className="font-mono text-xs text-ink-2">{run.key}</code>,
  },
];

const FURTHER = ["candidates", "known", "created", "note", "seed", "key"];
export const DEFAULT_COLUMNS: readonly string[] = RUN_COLUMNS.map(({ id }) => id).filter(
  (id) => !FURTHER.includes(id),
);

function LiveStatus({ run }: { run: RunRowData }) {
  useLiveRun(isActive(run.status) ? run : null);
  return <StatusOrProgress run={run} />;
}

const SHOWN_TAGS = 2;

function Tags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return <Missing />;
  const rest = tags.length - SHOWN_TAGS;
  return (
    <span className="flex items-center gap-1" data-tip={tags.join(", ")}>
      {tags.slice(0, SHOWN_TAGS).map((tag) => (
        <Tag key={tag} name={tag} />
      ))}
      {rest > 0 && <span className="label">+{rest}</span>}
    </span>
  );
}
