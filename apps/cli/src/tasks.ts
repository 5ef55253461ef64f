import { readdir } from "node:fs/promises";
import path from "node:path";
import { EngineError, loadTask, type Task } from "@recallscope/engine";
import { TASKS_FOLDER } from "./environment.ts";

export interface NamedTask {
  task: Task;
  /** Null for a file of the user's own. */
  slug: string | null;
}

export async function taskSlugs(): Promise<string[]> {
  const files = await readdir(TASKS_FOLDER);
  return files
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .sort();
}

/** All tasks of tasks/. @throws EngineError BAD_TASK */
export const allTasks = async (): Promise<Task[]> =>
  Promise.all((await taskSlugs()).map((slug) => loadTask(path.join(TASKS_FOLDER, `${slug}.json`))));

/** A task by its name in tasks/ or by the path of a JSON file. @throws EngineError TASK_NOT_FOUND or BAD_TASK */
export async function findTask(nameOrFile: string): Promise<NamedTask> {
  if (/[\\/]|\.json$/.test(nameOrFile)) return { task: await loadTask(path.resolve(nameOrFile)), slug: null };
  const slugs = await taskSlugs();
  if (!slugs.includes(nameOrFile)) {
    throw new EngineError(
      "TASK_NOT_FOUND",
      `task: ${nameOrFile} is not in tasks/ (there are: ${slugs.join(", ")}; or give the path of a JSON file)`,
    );
  }
  return { task: await loadTask(path.join(TASKS_FOLDER, `${nameOrFile}.json`)), slug: nameOrFile };
}
