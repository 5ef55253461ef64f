"use client";
import Link from "next/link";
import { useMemo } from "react";
import { formatValue } from "@/format/numbers.ts";
import { shortModelName, shotsLabel } from "@/format/runs.ts";
import { formatAgo, formatDateTime, formatDuration, secondsBetween } from "@/format/time.ts";
import type { RunRowData } from "@/graphql/fragments.ts";
import { type Column, DataTable } from "@/table/data-table.tsx";
import { Checkbox } from "@/ui/checkbox.tsx";
import { EstimateValue } from "@/ui/number.tsx";
import { isActive, StatusOrProgress } from "@/ui/run-status.tsx";
import { SuppressionText } from "@/ui/suppression.tsx";
import { runLink } from "./links.ts";
import { useLiveRun } from "./use-live-runs.ts";

const Missing = () => <span className="text-ink-3">–</span>;

const COLUMNS: Column<RunRowData>[] = [
  {
    id: "status",
    header: "Status",
    sort: (run) => run.status,
    render: (run) => <LiveStatus run={run} />,
  },
  {
    id: "task",
    header: "Task",
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
    sort: (run) => shortModelName(run.model.name),
    render: (run) => (
      <span className="block max-w-44 truncate" data-tip={run.model.name}>
        {shortModelName(run.model.name)}
      </span>
    ),
  },
  {
    id: "shots",
    header: "Shots",
    numeric: true,
    sort: (run) => run.settings.shots,
    render: (run) => <span data-tip={shotsLabel(run.settings.shots)}>{run.settings.shots}</span>,
  },
  {
    id: "top1",
    header: "Top-1",
    help: "Share of facts whose answer is the model's first choice",
    numeric: true,
    sort: (run) => run.summary?.top1.value ?? null,
    render: (run) =>
      run.summary ? (
        <EstimateValue estimate={run.summary.top1} unit="probability" label="Top-1 accuracy" />
      ) : (
        <Missing />
      ),
  },
  {
    id: "probability",
    header: "p(answer)",
    help: "Mean probability of the answer's first token",
    numeric: true,
    sort: (run) => run.summary?.probability.value ?? null,
    render: (run) =>
      run.summary ? (
        <EstimateValue
          estimate={run.summary.probability}
          unit="probability"
          label="Probability of the answer"
        />
      ) : (
        <Missing />
      ),
  },
  {
    id: "mover",
    header: "Strongest mover",
    help: "Head with the largest patching effect, and that effect",
    sort: (run) => run.summary?.topMoverEffect?.value ?? null,
    render: (run) =>
      run.summary?.topMover && run.summary.topMoverEffect ? (
        <span className="whitespace-nowrap">
          <span className="mr-2 inline-block min-w-12 font-medium">{run.summary.topMover}</span>
          <EstimateValue estimate={run.summary.topMoverEffect} unit="effect" label="Patching effect" />
        </span>
      ) : (
        <Missing />
      ),
  },
  {
    id: "r2",
    header: "R² held out",
    help: "Decomposition of the headline MLP, on facts it never saw",
    numeric: true,
    sort: (run) => run.summary?.r2HeldOut ?? null,
    render: (run) =>
      run.summary?.r2HeldOut == null ? <Missing /> : <span>{formatValue(run.summary.r2HeldOut, "r2")}</span>,
  },
  {
    id: "final",
    header: "Final layer",
    help: "Change of the answer's log-probability across the final layer, in nats",
    sort: (run) => run.summary?.finalLayerChange.value ?? null,
    render: (run) =>
      run.summary ? (
        <span className="whitespace-nowrap">
          <span className="mr-2 inline-block min-w-14 text-right">
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
  {
    id: "started",
    header: "Started",
    sort: (run) => Date.parse(run.startedAt ?? run.createdAt),
    render: (run) => (
      <time
        dateTime={run.startedAt ?? run.createdAt}
        data-tip={formatDateTime(run.startedAt ?? run.createdAt)}
        className="whitespace-nowrap text-ink-2"
      >
        {formatAgo(run.startedAt ?? run.createdAt)}
      </time>
    ),
  },
  {
    id: "duration",
    header: "Took",
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
];

function LiveStatus({ run }: { run: RunRowData }) {
  useLiveRun(isActive(run.status) ? run : null);
  return <StatusOrProgress run={run} />;
}

export function RunsTable(props: {
  runs: readonly RunRowData[];
  picked?: ReadonlySet<string>;
  onPick?: (picked: ReadonlySet<string>) => void;
}) {
  const { runs, picked, onPick } = props;
  const columns = useMemo(() => {
    if (!picked || !onPick) return COLUMNS;
    const choose: Column<RunRowData> = {
      id: "pick",
      header: "",
      className: "w-8",
      render: (run) => (
        <Checkbox
          checked={picked.has(run.id)}
          label={`Select ${run.task.title}, ${shortModelName(run.model.name)}, ${run.key}`}
          onChange={(checked) => {
            const next = new Set(picked);
            if (checked) next.add(run.id);
            else next.delete(run.id);
            onPick(next);
          }}
        />
      ),
    };
    return [choose, ...COLUMNS];
  }, [picked, onPick]);
  return (
    <DataTable
      label="Runs"
      columns={columns}
      rows={runs}
      rowKey={(run) => run.id}
      rowProps={(run) => ({ selected: picked?.has(run.id) ?? false })}
    />
  );
}
