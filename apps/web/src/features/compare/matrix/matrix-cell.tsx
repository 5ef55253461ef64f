"use client";
import { useLiveRun } from "@/features/runs/use-live-runs.ts";
import { shortModelName } from "@/format/runs.ts";
import { cx } from "@/ui/class-names.ts";
import { percent, statusLabel } from "@/ui/run-status.tsx";
import type { MatrixModel, MatrixRun, MatrixTask } from "./queries.ts";

export type CellState = MatrixRun["status"] | "MISSING";

/** Symbol, word and colour of each state of a cell. */
export const CELL_STATES: Record<CellState, { symbol: string; word: string; look: string }> = {
  SUCCEEDED: { symbol: "●", word: "finished", look: "bg-good-soft text-good hover:ring-1 hover:ring-good" },
  RUNNING: {
    symbol: "◔",
    word: "running",
    look: "bg-answer-soft text-answer hover:ring-1 hover:ring-answer",
  },
  QUEUED: { symbol: "…", word: "queued", look: "bg-sunken text-ink-2 hover:ring-1 hover:ring-line-strong" },
  FAILED: { symbol: "!", word: "failed", look: "bg-bad-soft text-bad hover:ring-1 hover:ring-bad" },
  CANCELLED: { symbol: "–", word: "cancelled", look: "bg-warn-soft text-warn hover:ring-1 hover:ring-warn" },
  MISSING: { symbol: "+", word: "no run", look: "text-ink-3 hover:bg-sunken hover:text-ink" },
};

interface CellProps {
  model: MatrixModel;
  task: MatrixTask;
  run: MatrixRun | undefined;
  chosen: boolean;
  row: number;
  column: number;
  /** The one cell that the Tab key reaches. */
  tabbed: boolean;
  onPress: () => void;
}

/** A model and a task: chooses its run, or offers to make it. */
export function MatrixCell(props: CellProps) {
  return props.run?.status === "RUNNING" ? <RunningCell {...props} run={props.run} /> : <Cell {...props} />;
}

/** Follows its run, so that the cell shows how far it is. */
function RunningCell(props: CellProps & { run: MatrixRun }) {
  useLiveRun(props.run);
  return <Cell {...props} />;
}

function Cell({ model, task, run, chosen, row, column, tabbed, onPress }: CellProps) {
  const state: CellState = run?.status ?? "MISSING";
  const { symbol, word, look } = CELL_STATES[state];
  const done = run?.status === "RUNNING" && run.progress ? percent(run.progress.fraction) : null;
  const name = `${shortModelName(model.name)}, ${task.title}`;
  return (
    <button
      type="button"
      data-row={row}
      data-column={column}
      tabIndex={tabbed ? 0 : -1}
      aria-pressed={run && isChoosable(run) ? chosen : undefined}
      aria-label={`${name}: ${done ?? word}`}
      data-tip={tipOf(name, state, run, done)}
      onClick={onPress}
      className={cx(
        "flex h-8 w-full items-center justify-center rounded text-xs font-medium",
        chosen ? "bg-ink text-paper" : look,
      )}
    >
      {chosen ? "✓" : done ? <span className="text-2xs">{done.replace(" ", "")}</span> : symbol}
    </button>
  );
}

/** Finished runs are compared, and those on their way once they have finished. */
export const isChoosable = ({ status }: MatrixRun): boolean =>
  status === "SUCCEEDED" || status === "RUNNING" || status === "QUEUED";

function tipOf(name: string, state: CellState, run: MatrixRun | undefined, done: string | null): string {
  const lines = [name, `state\t${statusOf(state)}${done ? ` ${done}` : ""}`];
  if (run) lines.push(`run\t${run.key}`);
  if (run?.error) lines.push(run.error.message);
  if (state === "MISSING") lines.push("click to start one");
  return lines.join("\n");
}

const statusOf = (state: CellState): string =>
  state === "MISSING" ? "no run" : statusLabel(state).toLowerCase();
