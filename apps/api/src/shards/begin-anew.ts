import type { Tx } from "../services.ts";
import { FIRST_SHARD } from "./stages.ts";

/** Forgets every part of a run that is not over, so that it begins from nothing. */
export async function beginAnew(tx: Tx, runId: string): Promise<void> {
  await tx.runShard.deleteMany({ where: { runId } });
  await tx.runShard.create({ data: { ...FIRST_SHARD, runId } });
  await tx.run.update({ where: { id: runId }, data: { source: null, attempts: { increment: 1 } } });
}
