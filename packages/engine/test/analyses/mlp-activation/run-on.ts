import type { FurtherAnalysis, FurtherContext } from "../../../src/analyses/further.ts";
import type { RunSettings } from "../../../src/results/receipt.ts";
import { measureTask } from "../../../src/runner/run-task.ts";
import {
  buildModelM,
  type ModelMOptions,
  openSynthetic,
  syntheticSettings,
} from "../../synthetic/model-m-folder.ts";

/** Model M of real files, opened, with a run of each of its tasks. Close `model.session` when done. */
export async function runsOfM(options: ModelMOptions, settings: Partial<RunSettings> = {}) {
  const built = await buildModelM(options);
  const model = await openSynthetic(built.folder);
  const runs = [];
  for (const task of built.tasks) {
    const related = built.tasks.filter((other) => other !== task);
    runs.push(await measureTask(model, task, syntheticSettings(settings), { related }));
  }
  return { ...built, model, runs };
}

/** A further analysis on a run, its bulk numbers beside its report. */
export async function furtherOn<Report>(analysis: FurtherAnalysis<Report>, context: FurtherContext) {
  const { arrays = [], ...report } = await analysis.run(context);
  return { report: report as unknown as Report, arrays };
}

/** Every number inside a report that is NaN or infinite, by its path. */
export function unobservable(value: unknown, path = ""): string[] {
  if (typeof value === "number") return Number.isFinite(value) ? [] : [path];
  if (!value || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) => unobservable(inner, `${path}.${key}`));
}
