import type { Services } from "../services.ts";
import { WAITING } from "./execute-run.ts";

/**
 * Makes sure that every unfinished run has a job.
 * @param alone no other process works on this store: whatever is marked as running was interrupted, and starts again at once
 * @returns how many runs were queued again
 */
export async function recoverRuns({ prisma, queue }: Services, alone: boolean): Promise<number> {
  if (alone) await queue.clear();
  const unfinished = await prisma.run.findMany({
    where: { status: { in: ["QUEUED", "RUNNING"] } },
    orderBy: { id: "asc" },
    select: { id: true },
  });
  let queued = 0;
  for (const { id } of unfinished) {
    if (!alone && (await queue.has(id))) continue;
    await prisma.$transaction(async (tx) => {
      await tx.run.updateMany({ where: { id, status: { in: ["QUEUED", "RUNNING"] } }, data: WAITING });
      await queue.add(id, tx);
    });
    queued++;
  }
  return queued;
}
