import { relatedTasks, type Task, taskHash } from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import type { PrismaClient, Task as TaskRow } from "../generated/prisma/client.ts";
import { fromJson } from "../results/json.ts";
import type { Tx } from "../services.ts";

/**
 * Hashes of the current tasks that ask something else about the same subjects. For a bundled task only bundled ones: what a run of it
 * is must not depend on which tasks somebody has imported.
 */
export async function relatedHashes(
  prisma: PrismaClient,
  { content, origin }: Pick<TaskRow, "content" | "origin">,
): Promise<string[]> {
  const rows = await prisma.task.findMany({
    where: { current: true, ...(origin === "BUNDLED" && { origin }) },
    select: { content: true },
  });
  const others = rows.map((row) => fromJson<Task>(row.content));
  return relatedTasks(fromJson<Task>(content), others).map(taskHash);
}

/** Tasks by their hashes, in order of their ids. @throws ApiError TASK_NOT_FOUND where one was deleted since */
export async function tasksOf(prisma: Tx, hashes: readonly string[]): Promise<Task[]> {
  const rows = await prisma.task.findMany({
    where: { hash: { in: [...hashes] } },
    orderBy: { slug: "asc" },
    select: { content: true, hash: true },
  });
  const found = new Set(rows.map(({ hash }) => hash));
  const missing = hashes.find((hash) => !found.has(hash));
  if (missing !== undefined)
    throw new ApiError(
      "TASK_NOT_FOUND",
      `related task ${missing.slice(0, 8)}: was deleted: make the run again, without it`,
    );
  return rows.map(({ content }) => fromJson<Task>(content));
}
