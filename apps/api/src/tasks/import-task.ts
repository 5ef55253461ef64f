import type { Actor } from "../access/actor.ts";
import type { PrismaClient } from "../generated/prisma/client.ts";
import { WRITE_TRANSACTION } from "../runs/save-run.ts";
import { type CheckedFile, type CheckedTask, checkTask } from "./check-task.ts";
import { readTaskFile, refuseEmpty, type TaskFile } from "./read-task-file.ts";
import { storeTask } from "./store-task.ts";

/**
 * Stores the tasks of a file: a new slug becomes a task, another content of an own task its new version, which new runs ask. Runs keep
 * the version they asked. Tasks that are refused are left out, the others stored.
 * @throws ApiError TASK_REFUSED where all are, TASK_NOT_FOUND for `like`; EngineError BAD_INPUT
 */
export async function importTaskFile(
  prisma: PrismaClient,
  file: TaskFile,
  actor: Actor,
): Promise<CheckedFile> {
  const read = await readTaskFile(prisma, file);
  refuseEmpty(file.fileName, read.tasks);
  const tasks = await prisma.$transaction(async (tx) => {
    const stored: CheckedTask[] = [];
    for (const one of read.tasks) {
      // Two imports of one slug at the same moment: the second sees the version that the first has made.
      if (one.task)
        await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`task ${one.task.id}`}, 0))`;
      const checked = await checkTask(tx, one, actor);
      const { task, outcome } = checked;
      if (task === null || outcome === "REFUSED") stored.push(checked);
      else {
        const { id } = await storeTask(tx, task, { makeCurrent: true, createdById: actor.id });
        stored.push({ ...checked, id });
      }
    }
    return stored;
  }, WRITE_TRANSACTION);
  refuseEmpty(file.fileName, tasks);
  return { ...read, tasks };
}
