import { relatedTasks, type Task, taskHash } from "@recallscope/engine";
import type { PrismaClient } from "../generated/prisma/client.ts";
import { fromJson } from "../results/json.ts";
import type { Tx } from "../services.ts";

/** Hashes of the current tasks that ask something else about the same subjects. */
export async function relatedHashes(prisma: PrismaClient, task: Task): Promise<string[]> {
  const rows = await prisma.task.findMany({ where: { current: true }, select: { content: true } });
  const others = rows.map(({ content }) => fromJson<Task>(content));
  return relatedTasks(task, others).map(taskHash);
}

/** Tasks by their hashes, in order of their ids. */
export async function tasksOf(prisma: Tx, hashes: readonly string[]): Promise<Task[]> {
  const rows = await prisma.task.findMany({
    where: { hash: { in: [...hashes] } },
    orderBy: { slug: "asc" },
    select: { content: true },
  });
  return rows.map(({ content }) => fromJson<Task>(content));
}
