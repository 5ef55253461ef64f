import { type Task, taskHash } from "@recallscope/engine";
import type { Task as TaskRow } from "../generated/prisma/client.ts";
import { asJson } from "../results/json.ts";
import type { Tx } from "../services.ts";

/**
 * The row of a task's content, made when it is new.
 * @param makeCurrent new runs of the slug ask this version; without it, only when the slug has none yet
 */
export async function storeTask(
  tx: Tx,
  task: Task,
  { makeCurrent }: { makeCurrent: boolean },
): Promise<TaskRow> {
  const hash = taskHash(task);
  const others = { slug: task.id, hash: { not: hash }, current: true };
  const current = makeCurrent || (await tx.task.count({ where: others })) === 0;
  const data = { slug: task.id, title: task.title, content: asJson(task), ...(current && { current }) };
  const row = await tx.task.upsert({
    where: { hash },
    create: { ...data, hash, current },
    update: data,
  });
  if (current) await tx.task.updateMany({ where: others, data: { current: false } });
  return row;
}
