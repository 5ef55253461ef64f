import type { RunShard } from "../generated/prisma/client.ts";
import type { Tx } from "../services.ts";

/** Takes the next shard that waits, for a ticket; null when none does, or the run is over. */
export async function claimShard(
  tx: Tx,
  { runId, id: ticket }: { runId: string; id: string },
  worker: string,
): Promise<RunShard | null> {
  const [claimed] = await tx.$queryRaw<{ index: number }[]>`
    update "RunShard" set status = 'CLAIMED', ticket = ${ticket}, worker = ${worker}, attempts = attempts + 1
    where "runId" = ${runId}::uuid and index = (
      select index from "RunShard"
      where "runId" = ${runId}::uuid and status = 'WAITING'
        and exists (select 1 from "Run" where id = ${runId}::uuid and status = 'RUNNING')
      order by index limit 1 for update skip locked
    ) returning index`;
  return claimed ? tx.runShard.findUnique({ where: { runId_index: { runId, index: claimed.index } } }) : null;
}

const FREE = { status: "WAITING", ticket: null, fraction: 0 } as const;

/** Gives back what a ticket holds. @param counts whether being taken up counts: not when the worker itself ended in good order */
export async function releaseTicket(
  tx: Tx,
  { runId, id: ticket }: { runId: string; id: string },
  { counts }: { counts: boolean },
): Promise<void> {
  await tx.runShard.updateMany({
    where: { runId, ticket, status: "CLAIMED" },
    data: { ...FREE, ...(!counts && { attempts: { decrement: 1 } }) },
  });
}

/** Gives back what earlier attempts of a ticket's job held: their worker is gone. */
export async function releaseEarlier(
  tx: Tx,
  { runId, id: ticket }: { runId: string; id: string },
): Promise<void> {
  const job = ticket.slice(0, ticket.indexOf("#") + 1);
  await tx.runShard.updateMany({
    where: { runId, status: "CLAIMED", ticket: { startsWith: job }, NOT: { ticket } },
    data: FREE,
  });
}

/** Gives back everything of some runs: only where nobody works on them. */
export async function releaseAll(tx: Tx, runIds: readonly string[]): Promise<void> {
  await tx.runShard.updateMany({ where: { runId: { in: [...runIds] }, status: "CLAIMED" }, data: FREE });
}
