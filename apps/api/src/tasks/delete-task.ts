import type { Actor } from "../access/actor.ts";
import { refuseOthers } from "../access/own.ts";
import { ApiError } from "../errors.ts";
import type { PrismaClient } from "../generated/prisma/client.ts";
import type { Tx } from "../services.ts";
import { currentTask } from "./current-task.ts";

/**
 * Takes a task of a user from the list. Versions that a run or a study asks stay, so that these still say what they asked; no new run
 * asks them, unless they are imported again. The others are removed.
 * @returns how many versions stay
 * @throws ApiError TASK_NOT_FOUND, TASK_REFUSED for a bundled task; Refusal FORBIDDEN for one of somebody else, unless the role is admin
 */
export async function deleteTask(
  prisma: PrismaClient,
  slug: string,
  actor: Actor,
): Promise<{ kept: number }> {
  const { origin, createdById } = await currentTask(prisma, slug);
  if (origin === "BUNDLED")
    throw new ApiError("TASK_REFUSED", `task ${slug}: comes with this copy, and stays in the list`);
  refuseOthers(actor, createdById, `task ${slug}`);
  return prisma.$transaction(async (tx) => {
    // A run that is created meanwhile waits until it is known whether its task stays.
    await tx.$queryRaw`select id from "Task" where slug = ${slug} for update`;
    await tx.task.updateMany({ where: { slug }, data: { current: false } });
    const versions = await tx.task.findMany({
      where: { slug, origin: "USER" },
      select: { id: true, hash: true },
    });
    const related = await relatedOf(
      tx,
      versions.map(({ hash }) => hash),
    );
    const { count } = await tx.task.deleteMany({
      where: {
        id: { in: versions.map(({ id }) => id) },
        hash: { notIn: related },
        runs: { none: {} },
        cells: { none: {} },
      },
    });
    return { kept: versions.length - count };
  });
}

/** Those of some hashes that runs name as related tasks. */
async function relatedOf(tx: Tx, hashes: readonly string[]): Promise<string[]> {
  const rows = await tx.$queryRaw<{ hash: string }[]>`
    select distinct hash from "Run", unnest(related) hash where related && ${hashes}::text[] and hash = any(${hashes}::text[])`;
  return rows.map(({ hash }) => hash);
}
