import type { Services } from "../services.ts";
import { FIRST_SHARD } from "../shards/stages.ts";
import { releaseAll } from "../shards/ticket-claims.ts";
import { queuedRun } from "./queued-run.ts";
import { UNFINISHED } from "./unfinished.ts";

/**
 * Makes sure that every unfinished run has a ticket, and holds no shard that nobody computes.
 * @param alone no other process works on this store: whatever is marked as running was interrupted, and goes on at once
 * @returns how many runs were queued again
 */
export async function recoverRuns({ prisma, queue }: Services, alone: boolean): Promise<number> {
  if (alone) await queue.clear();
  const unfinished = await prisma.run.findMany({
    where: { status: { in: UNFINISHED } },
    orderBy: { id: "asc" },
    select: {
      id: true,
      priority: true,
      source: true,
      device: true,
      precision: true,
      model: true,
      _count: { select: { shards: true } },
    },
  });
  let queued = 0;
  for (const { _count, ...row } of unfinished) {
    const { id } = row;
    const run = queuedRun(row);
    if (!alone && (await queue.has(run))) continue;
    await prisma.$transaction(async (tx) => {
      await releaseAll(tx, [id]);
      await tx.run.updateMany({ where: { id, status: "RUNNING" }, data: { status: "QUEUED" } });
      if (_count.shards === 0) await tx.runShard.create({ data: { ...FIRST_SHARD, runId: id } });
      await queue.add(run, tx);
    });
    queued++;
  }
  return queued;
}
