import { type Task, taskHash } from "@recallscope/engine";
import type { Task as TaskRow } from "../generated/prisma/client.ts";
import type { TaskOrigin } from "../generated/prisma/enums.ts";
import { asJson } from "../results/json.ts";
import type { Tx } from "../services.ts";

export interface Storing {
  /** New runs of the slug ask this version; without it, only when the slug has none yet. */
  makeCurrent: boolean;
  /** Who brings it; a task that both have is the program's. Default USER. */
  origin?: TaskOrigin;
  /** The token that brings it; null for this machine's own user. */
  createdById?: string | null;
}

/** The row of a task's content, made when it is new. */
export async function storeTask(
  tx: Tx,
  task: Task,
  { makeCurrent, origin = "USER", createdById = null }: Storing,
): Promise<TaskRow> {
  const hash = taskHash(task);
  const others = { slug: task.id, hash: { not: hash }, current: true };
  const current = makeCurrent || (await tx.task.count({ where: others })) === 0;
  const data = { slug: task.id, title: task.title, content: asJson(task), ...(current && { current }) };
  const row = await tx.task.upsert({
    where: { hash },
    create: { ...data, hash, current, origin, createdById },
    update: { ...data, ...(origin === "BUNDLED" && { origin }) },
  });
  if (current) await tx.task.updateMany({ where: others, data: { current: false } });
  return row;
}
