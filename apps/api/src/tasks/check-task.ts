import type { Actor } from "../access/actor.ts";
import type { PrismaClient } from "../generated/prisma/client.ts";
import type { Tx } from "../services.ts";
import { type Judged, judgeTask } from "./judge-task.ts";
import { type ReadFile, type ReadTask, readTaskFile, type TaskFile } from "./read-task-file.ts";

export interface CheckedTask extends Omit<ReadTask, "task">, Pick<Judged, "outcome"> {
  /** Null where it is REFUSED by what it is itself. */
  task: ReadTask["task"];
  /** Row of the store, once it is there. */
  id: string | null;
}
export interface CheckedFile extends Omit<ReadFile, "tasks"> {
  tasks: CheckedTask[];
}

/** What importing a file would do, without doing it. @throws EngineError BAD_INPUT, ApiError TASK_NOT_FOUND */
export async function checkTaskFile(
  prisma: PrismaClient,
  file: TaskFile,
  actor: Actor,
): Promise<CheckedFile> {
  const read = await readTaskFile(prisma, file);
  const tasks: CheckedTask[] = [];
  for (const one of read.tasks) tasks.push(await checkTask(prisma, one, actor));
  return { ...read, tasks };
}

/** One task of a file, held against those of the store. */
export async function checkTask(tx: Tx, read: ReadTask, actor: Actor): Promise<CheckedTask> {
  if (read.task === null) return { ...read, outcome: "REFUSED", id: null };
  return { ...read, ...(await judgeTask(tx, read.task, actor)), id: null };
}
