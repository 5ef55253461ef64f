"use client";
import { type KeyboardEvent, useState } from "react";
import { shortModelName } from "@/format/runs.ts";
import { cx } from "@/ui/class-names.ts";
import { isChoosable, MatrixCell } from "./matrix-cell.tsx";
import type { MatrixView } from "./matrix-view.ts";
import type { MatrixModel, MatrixRun, MatrixTask } from "./queries.ts";

const STEPS: Record<string, [rows: number, columns: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Models x tasks with sticky heads; one tab stop, arrow keys move, Enter or a click chooses. */
export function MatrixGrid(props: {
  view: MatrixView;
  chosen: ReadonlySet<string>;
  onToggle: (run: MatrixRun) => void;
  /** A cell without a run that can be compared. */
  onMissing: (model: MatrixModel, task: MatrixTask, run: MatrixRun | undefined) => void;
}) {
  const { models, tasks, runOf } = props.view;
  const [at, setAt] = useState({ row: 0, column: 0 });
  const tab = { row: Math.min(at.row, models.length - 1), column: Math.min(at.column, tasks.length - 1) };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = STEPS[event.key];
    if (!step) return;
    const row = Math.max(0, Math.min(models.length - 1, tab.row + step[0]));
    const column = Math.max(0, Math.min(tasks.length - 1, tab.column + step[1]));
    event.preventDefault();
    setAt({ row, column });
    event.currentTarget.querySelector<HTMLElement>(`[data-row="${row}"][data-column="${column}"]`)?.focus();
  };
  return (
    <div className="max-h-[440px] w-fit max-w-full overflow-auto rounded-lg border border-line bg-surface pr-2 pb-1">
      <table
        aria-label="Models and tasks"
        className="border-separate border-spacing-x-0.5 border-spacing-y-0.5 text-xs"
        onKeyDown={onKeyDown}
      >
        <thead>
          <tr>
            <td className="sticky top-0 left-0 z-20 min-w-40 bg-surface" />
            {tasks.map((task, column) => (
              <th
                key={task.slug}
                scope="col"
                data-tip={`${task.title}\ndomain\t${task.domain}`}
                className={cx(
                  "sticky top-0 z-10 h-38 min-w-10 bg-surface pt-2 pb-1 align-bottom font-normal text-ink-2",
                  startsDomain(tasks, column) && "border-l border-line pl-0.5",
                )}
              >
                <span className="mx-auto block max-h-36 rotate-180 truncate text-left whitespace-nowrap [writing-mode:vertical-rl]">
                  {task.title}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {models.map((model, row) => (
            <tr key={model.id}>
              <th
                scope="row"
                data-tip={model.error ? `${model.name}\n${model.error.message}` : model.name}
                className="sticky left-0 z-10 max-w-56 truncate bg-surface pr-4 pl-4 text-left text-sm font-normal whitespace-nowrap"
              >
                {shortModelName(model.name)}
              </th>
              {tasks.map((task, column) => {
                const run = runOf(model, task);
                return (
                  <td
                    key={task.slug}
                    className={cx("p-0", startsDomain(tasks, column) && "border-l border-line pl-0.5")}
                  >
                    <MatrixCell
                      model={model}
                      task={task}
                      run={run}
                      chosen={run !== undefined && props.chosen.has(run.id)}
                      row={row}
                      column={column}
                      tabbed={tab.row === row && tab.column === column}
                      onPress={() => {
                        setAt({ row, column });
                        if (run && isChoosable(run)) props.onToggle(run);
                        else props.onMissing(model, task, run);
                      }}
                    />
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const startsDomain = (tasks: readonly MatrixTask[], column: number): boolean =>
  column > 0 && tasks[column]?.domain !== tasks[column - 1]?.domain;
