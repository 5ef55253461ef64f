import { DEFAULT_SETTINGS, type RunSettings } from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import { type ModelName, resolveModelName } from "../models/model-name.ts";
import { storeModel } from "../models/store-model.ts";
import type { Services, Tx } from "../services.ts";
import { currentTask } from "../tasks/current-task.ts";

/** Cells of one study. */
export const MAX_CELLS = 500;

/** What somebody names a grid by. */
export interface AxesRequest {
  models: readonly string[];
  /** Slugs. */
  tasks: readonly string[];
  settings: readonly RunSettings[];
}

/** A grid's three sides as ids of the store, each in order and without repetitions. */
export interface Axes {
  models: readonly string[];
  /** Of the versions that are asked. */
  tasks: readonly string[];
  settings: readonly RunSettings[];
}

/** Models and tasks that were found under the names given; nothing is written. @throws ApiError MODEL_NOT_FOUND, MODEL_NOT_ALLOWED, TASK_NOT_FOUND */
export async function resolveAxes(services: Services, { models, tasks, settings }: AxesRequest) {
  const found: ModelName[] = [];
  for (const name of models) found.push(await resolveModelName(name, services));
  const versions: string[] = [];
  for (const slug of tasks) versions.push((await currentTask(services.prisma, slug)).id);
  return { models: found, tasks: versions, settings };
}

/** The same as ids: models that were never named before get their rows. */
export async function storeAxes(
  tx: Tx,
  { models, tasks, settings }: Awaited<ReturnType<typeof resolveAxes>>,
): Promise<Axes> {
  const ids: string[] = [];
  for (const model of models) ids.push((await storeModel(tx, model)).id);
  return joinAxes({ models: [], tasks: [], settings: [] }, { models: ids, tasks, settings });
}

/** A grid with what it does not have yet added at the ends of its sides. */
export const joinAxes = (grid: Axes, more: Axes): Axes => ({
  models: [...new Set([...grid.models, ...more.models])],
  tasks: [...new Set([...grid.tasks, ...more.tasks])],
  settings: [
    ...new Map([...grid.settings, ...more.settings].map((one) => [settingsText(one), one])).values(),
  ],
});

/** Whether two grids have the same cells, in whatever order. */
export const sameGrid = (a: Axes, b: Axes): boolean => {
  const sides = ({ models, tasks, settings }: Axes) => [
    [...models].sort(),
    [...tasks].sort(),
    settings.map(settingsText).sort(),
  ];
  return JSON.stringify(sides(a)) === JSON.stringify(sides(b));
};

/** Settings with their keys in one order, for telling them apart. */
export const settingsText = ({ precision, ...settings }: RunSettings): string =>
  // Studies from before there was a choice of precision do not say it.
  JSON.stringify(Object.entries({ ...settings, precision: precision ?? DEFAULT_SETTINGS.precision }).sort());

/** The rows of a grid's cells. @throws ApiError BAD_USER_INPUT where there would be too many */
export function cellsOf(studyId: string, { models, tasks, settings }: Axes) {
  const count = models.length * tasks.length * settings.length;
  if (count > MAX_CELLS)
    throw new ApiError(
      "BAD_USER_INPUT",
      `study: ${models.length} models x ${tasks.length} tasks x ${settings.length} settings are ${count} runs (allowed: up to ${MAX_CELLS}): make several studies`,
    );
  return models.flatMap((modelId, modelPlace) =>
    tasks.flatMap((taskId, taskPlace) =>
      settings.map((_, settingsPlace) => ({
        studyId,
        modelPlace,
        taskPlace,
        settingsPlace,
        modelId,
        taskId,
      })),
    ),
  );
}
