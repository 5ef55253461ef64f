"use client";
import { useMemo, useState } from "react";
import { useQuery } from "urql";
import { useLiveRuns } from "@/features/runs/use-live-runs.ts";
import { formatInteger, plural } from "@/format/numbers.ts";
import type { Settings } from "@/graphql/fragments.ts";
import { settingsInput } from "@/graphql/settings-input.ts";
import { useKept } from "@/state/use-kept.ts";
import { Checkbox } from "@/ui/checkbox.tsx";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states.tsx";
import { CELL_STATES } from "./matrix-cell.tsx";
import { MatrixGrid } from "./matrix-grid.tsx";
import { settingsName, viewOf } from "./matrix-view.ts";
import { type RunMatrix, RunMatrixQuery } from "./queries.ts";
import { type MissingCell, StartRunDialog } from "./start-run-dialog.tsx";

/** Chooses runs from the grid of models and tasks, one way of asking at a time. */
export function RunMatrixPicker(props: {
  chosen: readonly string[];
  onToggle: (id: string) => void;
  /** A run was started for an empty cell. */
  onStarted: (id: string) => void;
}) {
  useLiveRuns();
  const [settings, setSettings] = useState<Settings | null>(null);
  const [state, retry] = useQuery({
    query: RunMatrixQuery,
    variables: { settings: settings && settingsInput(settings) },
  });
  const matrix = useKept(state.data)?.runMatrix;
  if (!matrix) {
    return state.error ? (
      <ErrorState error={state.error} onRetry={() => retry({ requestPolicy: "network-only" })} />
    ) : (
      <Skeleton className="h-72" />
    );
  }
  return <Matrix {...props} matrix={matrix} onSettings={setSettings} />;
}

function Matrix(props: {
  matrix: RunMatrix;
  chosen: readonly string[];
  onToggle: (id: string) => void;
  onStarted: (id: string) => void;
  onSettings: (settings: Settings) => void;
}) {
  const { matrix, chosen, onToggle, onStarted } = props;
  const [text, setText] = useState("");
  const [all, setAll] = useState(false);
  const [missing, setMissing] = useState<MissingCell | null>(null);
  const asked = !all && matrix.runs.length > 0;
  const view = useMemo(() => viewOf(matrix, { text, asked }), [matrix, text, asked]);
  const picked = useMemo(() => new Set(chosen), [chosen]);
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-x-5 gap-y-2">
        <input
          type="search"
          aria-label="Filter models and tasks"
          placeholder="Model, task or domain"
          className="control w-56"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <WayOfAsking matrix={matrix} onSettings={props.onSettings} />
        <span className="flex items-center gap-2 text-sm">
          <Checkbox checked={all} onChange={setAll} label="Show tasks without runs, too" />
          <span aria-hidden="true">All {formatInteger(matrix.tasks.length)} tasks</span>
        </span>
        <Legend />
      </div>
      {view.models.length === 0 || view.tasks.length === 0 ? (
        <EmptyState title={`No model or task has “${text}” in its name`} />
      ) : (
        <MatrixGrid
          view={view}
          chosen={picked}
          onToggle={({ id }) => onToggle(id)}
          onMissing={(model, task, run) => setMissing({ model, task, run })}
        />
      )}
      <p className="label mt-2">
        {plural(view.models.length, "model")} × {plural(view.tasks.length, "task")}
        {asked && view.tasks.length < matrix.tasks.length && ` of ${matrix.tasks.length}`}, {chosen.length}{" "}
        chosen. Click cells to choose or drop runs; an empty one starts its run.
      </p>
      <StartRunDialog
        cell={missing}
        settings={matrix.settings}
        onClose={() => setMissing(null)}
        onStarted={(id) => {
          setMissing(null);
          onStarted(id);
        }}
      />
    </>
  );
}

function WayOfAsking({
  matrix,
  onSettings,
}: {
  matrix: RunMatrix;
  onSettings: (settings: Settings) => void;
}) {
  const ways = matrix.settingsInUse.map(({ settings }) => settings);
  const same = (settings: Settings) =>
    JSON.stringify(settingsInput(settings)) === JSON.stringify(settingsInput(matrix.settings));
  if (ways.length < 2) return null;
  return (
    <select
      aria-label="Way of asking"
      className="control"
      value={ways.findIndex(same)}
      onChange={(event) => {
        const way = ways[Number(event.target.value)];
        if (way) onSettings(way);
      }}
    >
      {matrix.settingsInUse.map(({ settings, runs }, at) => (
        <option key={JSON.stringify(settings)} value={at}>
          {settingsName(settings, ways)} ({plural(runs, "run")})
        </option>
      ))}
    </select>
  );
}

function Legend() {
  return (
    <ul className="ml-auto flex flex-wrap gap-x-3 gap-y-1 text-xs text-ink-2" aria-label="States of cells">
      {Object.values(CELL_STATES).map(({ symbol, word, look }) => (
        <li key={word} className="flex items-center gap-1">
          <span
            aria-hidden="true"
            className={`inline-flex size-4 items-center justify-center rounded-sm text-2xs ${look}`}
          >
            {symbol}
          </span>
          {word}
        </li>
      ))}
      <li className="flex items-center gap-1">
        <span
          aria-hidden="true"
          className="inline-flex size-4 items-center justify-center rounded-sm bg-ink text-2xs text-paper"
        >
          ✓
        </span>
        chosen
      </li>
    </ul>
  );
}
