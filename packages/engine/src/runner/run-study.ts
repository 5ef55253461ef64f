import type { StudyAnalysis, StudyTask } from "../analyses/further.ts";
import { STUDY_ANALYSES } from "../analyses/index.ts";
import { assembleStudy, SKIPPED_CODES } from "../comparison/index.ts";
import { EngineError } from "../errors.ts";
import { throwIfCancelled } from "../planner/execute.ts";
import type { RunSettings } from "../results/receipt.ts";
import type { RunReport } from "../results/report.ts";
import type { StudyReport, StudyReports } from "../results/study.ts";
import { relatedTasks } from "../tasks/related-tasks.ts";
import type { Task } from "../tasks/task.ts";
import type { OpenModel } from "./open-model.ts";
import type { RunProgress } from "./progress.ts";
import { measureTask } from "./run-task.ts";

export interface StudyOptions {
  signal?: AbortSignal;
  onProgress?: (progress: RunProgress) => void;
  /** Reports of runs of this study that were made before: these tasks are not measured again. */
  finished?: readonly RunReport[];
  /** Called with each new run as soon as it is done, so that nothing is lost when a later task fails. */
  onRun?: (run: StudyTask) => Promise<void> | void;
}

/**
 * Runs every task, then the analyses across tasks.
 * @param pool where each task's related tasks are looked for
 */
export async function runStudy(
  model: OpenModel,
  tasks: readonly Task[],
  pool: readonly Task[],
  settings: RunSettings,
  { signal, onProgress, finished = [], onRun }: StudyOptions = {},
): Promise<StudyReport> {
  const ids = new Set(tasks.map(({ id }) => id));
  if (ids.size !== tasks.length)
    throw new EngineError("BAD_INPUT", `tasks of the study: ${tasks.map(({ id }) => id)} (each once)`);
  const measured: StudyTask[] = [];
  const skipped: StudyReport["skipped"] = [];
  // The analyses across tasks take about as long as one more task.
  const parts = tasks.length + 1;
  for (const [i, task] of tasks.entries()) {
    throwIfCancelled(signal);
    const done = finished.find(({ receipt }) => receipt.taskId === task.id);
    try {
      const run = await measureTask(model, task, settings, {
        related: relatedTasks(task, pool),
        ...(done && { finished: done }),
        ...(signal && { signal }),
        onProgress: (progress) =>
          onProgress?.({
            ...progress,
            fraction: (i + progress.fraction) / parts,
            message: `${task.title}: ${progress.message}`,
          }),
      });
      measured.push(run);
      if (!done) await onRun?.(run);
    } catch (error) {
      if (!(error instanceof EngineError) || !SKIPPED_CODES.includes(error.code)) throw error;
      skipped.push({ taskId: task.id, reason: error.message });
    }
  }
  const analyses: Record<string, unknown> = {};
  if (measured.length >= 2) {
    const list: [string, StudyAnalysis<object>][] = Object.entries(STUDY_ANALYSES);
    for (const [i, [id, analysis]] of list.entries()) {
      throwIfCancelled(signal);
      onProgress?.({
        step: "further",
        done: i,
        total: list.length,
        fraction: (tasks.length + i / list.length) / parts,
        message: analysis.title,
      });
      analyses[id] = await analysis.run(measured);
    }
  }
  return assembleStudy({
    runs: measured.map(({ report }) => report),
    skipped,
    analyses: analyses as Partial<StudyReports>,
  });
}
