"use client";
import { useMemo } from "react";
import { shortModelName } from "@/format/runs.ts";
import type { RunRowData } from "@/graphql/fragments.ts";
import { DataTable, type Sort } from "@/table/data-table.tsx";
import { Badge } from "@/ui/badge.tsx";
import { Checkbox } from "@/ui/checkbox.tsx";
import { DEFAULT_COLUMNS, RUN_COLUMNS, type RunColumn } from "./columns.tsx";

export type PickedRuns = ReadonlyMap<string, RunRowData>;

const USUAL = RUN_COLUMNS.filter(({ id }) => DEFAULT_COLUMNS.includes(id));

export function RunsTable(props: {
  runs: readonly RunRowData[];
  columns?: readonly RunColumn[];
  /** Rows can be picked where both are given. */
  picked?: PickedRuns;
  onPick?: (picked: PickedRuns) => void;
  /** The server's order; without it, the rows given are sorted here. */
  order?: { sort: Sort | null; onSort: (sort: Sort) => void };
  /** Key of the run that comparisons are held against. */
  baseline?: string;
}) {
  const { runs, columns = USUAL, picked, onPick, order, baseline } = props;
  const shown = useMemo(() => {
    const ordered = columns.map((column) => ({ ...column, ordered: column.order !== undefined }));
    const marked = baseline ? ordered.map((column) => withBaseline(column, baseline)) : ordered;
    return picked && onPick ? [pickColumn(picked, onPick), ...marked] : marked;
  }, [columns, picked, onPick, baseline]);
  return (
    <DataTable
      label="Runs"
      columns={shown}
      rows={runs}
      rowKey={(run) => run.id}
      rowProps={(run) => ({ selected: picked?.has(run.id) ?? false })}
      order={order}
      headers={
        picked && onPick ? { pick: <PickAll runs={runs} picked={picked} onPick={onPick} /> } : undefined
      }
    />
  );
}

function pickColumn(picked: PickedRuns, onPick: (picked: PickedRuns) => void): RunColumn {
  return {
    id: "pick",
    header: "",
    className: "w-8",
    render: (run) => (
      <Checkbox
        checked={picked.has(run.id)}
        label={`Select ${run.task.title}, ${shortModelName(run.model.name)}, ${run.key}`}
        onChange={(ticked) => {
          const next = new Map(picked);
          if (ticked) next.set(run.id, run);
          else next.delete(run.id);
          onPick(next);
        }}
      />
    ),
  };
}

function PickAll(props: {
  runs: readonly RunRowData[];
  picked: PickedRuns;
  onPick: (picked: PickedRuns) => void;
}) {
  const { runs, picked, onPick } = props;
  const all = runs.every(({ id }) => picked.has(id));
  return (
    <Checkbox
      checked={all}
      label="Select all rows of this page"
      onChange={() => {
        const next = new Map(picked);
        for (const run of runs) {
          if (all) next.delete(run.id);
          else next.set(run.id, run);
        }
        onPick(next);
      }}
    />
  );
}

const withBaseline = (column: RunColumn, baseline: string): RunColumn =>
  column.id !== "task"
    ? column
    : {
        ...column,
        render: (run) => (
          <span className="flex items-center gap-2">
            {column.render(run)}
            {run.key === baseline && <Badge tip="comparisons are held against this run">baseline</Badge>}
          </span>
        ),
      };
