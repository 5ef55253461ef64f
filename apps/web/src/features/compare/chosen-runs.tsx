"use client";
import { runLink } from "@/features/runs/links.ts";
import { useLiveRun } from "@/features/runs/use-live-runs.ts";
import { shortModelName, shotsLabel } from "@/format/runs.ts";
import type { RunRowData } from "@/graphql/fragments.ts";
import { Badge } from "@/ui/badge.tsx";
import { IconButton } from "@/ui/button.tsx";
import { CloseIcon } from "@/ui/icons.tsx";
import { Link } from "@/ui/link.tsx";
import { StatusOrProgress } from "@/ui/run-status.tsx";
import type { Series } from "./series.ts";
import { SeriesMark } from "./series-mark.tsx";

/** The chosen runs with their line: remove one, make it the baseline, follow one that is not finished. */
export function ChosenRunList(props: {
  series: readonly Series<RunRowData>[];
  /** Chosen runs without results. */
  unfinished: readonly RunRowData[];
  onBaseline: (id: string) => void;
  onRemove: (id: string) => void;
}) {
  return (
    <ul aria-label="Chosen runs" className="flex flex-wrap gap-2">
      {props.series.map((series) => (
        <Chip
          key={series.run.id}
          run={series.run}
          mark={<SeriesMark series={series} />}
          onRemove={props.onRemove}
        >
          {series.baseline ? (
            <Badge tip={"Baseline\nthe run that the others are held against"}>baseline</Badge>
          ) : (
            <button
              type="button"
              className="text-xs text-ink-3 underline decoration-line-strong underline-offset-3 hover:text-ink"
              onClick={() => props.onBaseline(series.run.id)}
            >
              make baseline
            </button>
          )}
        </Chip>
      ))}
      {props.unfinished.map((run) => (
        <Unfinished key={run.id} run={run} onRemove={props.onRemove} />
      ))}
    </ul>
  );
}

function Unfinished({ run, onRemove }: { run: RunRowData; onRemove: (id: string) => void }) {
  useLiveRun(run);
  return (
    <Chip run={run} onRemove={onRemove} dashed>
      <StatusOrProgress run={run} />
    </Chip>
  );
}

function Chip(props: {
  run: RunRowData;
  mark?: React.ReactNode;
  dashed?: boolean;
  onRemove: (id: string) => void;
  children: React.ReactNode;
}) {
  const { run } = props;
  const name = `${run.task.title}, ${shortModelName(run.model.name)}, ${shotsLabel(run.settings.shots)}`;
  return (
    <li
      className={`flex items-center gap-3 rounded-lg border bg-surface py-1.5 pr-1.5 pl-3 text-sm ${props.dashed ? "border-dashed border-line-strong" : "border-line"}`}
    >
      {props.mark}
      <Link href={runLink(run)} className="leading-tight hover:text-answer">
        <span className="block font-medium">{run.task.title}</span>
        <span className="block text-xs text-ink-2">
          {shortModelName(run.model.name)} · {shotsLabel(run.settings.shots)}
        </span>
      </Link>
      {props.children}
      <IconButton label={`Remove ${name}`} onClick={() => props.onRemove(run.id)}>
        <CloseIcon size={14} />
      </IconButton>
    </li>
  );
}
