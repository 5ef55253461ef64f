import { readdir } from "node:fs/promises";
import path from "node:path";
import { loadTask, taskHash } from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import type { PrismaClient } from "../generated/prisma/client.ts";
import { storeTask } from "./store-task.ts";

/** Brings the task files of a folder into the store. @returns one line per file that cannot be used; the others are there */
export async function loadTasks(prisma: PrismaClient, folder: string): Promise<string[]> {
  const problems: string[] = [];
  const files = (await readdir(folder)).filter((file) => file.endsWith(".json")).sort();
  for (const file of files) {
    try {
      const task = await loadTask(path.join(folder, file));
      await prisma.$transaction(async (tx) => {
        const own = { slug: task.id, current: true, origin: "USER", hash: { not: taskHash(task) } } as const;
        // Nobody's task is replaced because the program was updated.
        if ((await tx.task.count({ where: own })) > 0)
          throw new ApiError(
            "TASK_REFUSED",
            `task ${task.id}: somebody here has made a task of this name, which stays: delete that one to have the bundled one`,
          );
        await storeTask(tx, task, { makeCurrent: true, origin: "BUNDLED" });
      });
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  return problems;
}
