import type { ShardPlan, ShardResult } from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import type { RunShard } from "../generated/prisma/client.ts";
import { asJson } from "../results/json.ts";
import { WRITE_TRANSACTION } from "../runs/save-run.ts";
import { settingsOf } from "../runs/settings.ts";
import type { Services, Tx } from "../services.ts";
import { beginAnew } from "./begin-anew.ts";
import { writeShardBytes } from "./shard-bytes.ts";
import { factShards, nextStage } from "./stages.ts";

/** Times a run is begun from nothing because its shards do not go together. */
const MAX_BEGINNINGS = 3;

/** What a shard came to: how the run is cut, or numbers. */
export type ShardOutcome = { plan: ShardPlan; fingerprint: string | null; seconds: number } | ShardResult;

/**
 * Stores a shard's result and, when it was the last of its kind, what follows: in one transaction, and only while the ticket still holds the
 * shard, so that each counts once however often it was computed.
 * @returns whether more shards wait than this ticket can take at once
 */
export async function finishShard(
  services: Services,
  shard: RunShard,
  outcome: ShardOutcome,
): Promise<{ stored: boolean; more: boolean }> {
  const { runId, index, kind, ticket } = shard;
  return services.prisma.$transaction(async (tx) => {
    const run = await lockRun(tx, runId);
    if (!run) return { stored: false, more: false };
    const source = "plan" in outcome ? outcome.plan.source : outcome.source;
    if (run.source !== null && run.source !== source) return beginAgain(tx, run, source);
    const { count } = await tx.runShard.updateMany({
      where: { runId, index, status: "CLAIMED", ticket },
      data: {
        status: "DONE",
        fraction: 1,
        seconds: outcome.seconds,
        ...("found" in outcome && outcome.found && { found: asJson(outcome.found) }),
      },
    });
    if (count === 0) return { stored: false, more: false };
    if ("plan" in outcome)
      await tx.run.update({ where: { id: runId }, data: { source, fingerprint: outcome.fingerprint } });
    else await writeShardBytes(tx, shard, outcome.bytes);
    if ((await tx.runShard.count({ where: { runId, status: { not: "DONE" } } })) > 0)
      return { stored: true, more: false };
    const following = "plan" in outcome ? factShards(outcome.plan) : nextStage(kind, settingsOf(run));
    const first = await tx.runShard.count({ where: { runId } });
    await tx.runShard.createMany({
      data: following.map((next, i) => ({ ...next, runId, index: first + i })),
    });
    return { stored: true, more: following.length > 1 };
  }, WRITE_TRANSACTION);
}

/** The run, held against other workers until the transaction ends; null when it is over. */
export async function lockRun(tx: Tx, runId: string) {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select id from "Run" where id = ${runId}::uuid and status = 'RUNNING' for update`;
  return rows.length === 0 ? null : tx.run.findUniqueOrThrow({ where: { id: runId } });
}

/** Numbers of other weights, or of another version, do not go together with those that are there. */
async function beginAgain(
  tx: Tx,
  run: { id: string; attempts: number; source: string | null },
  source: string,
): Promise<{ stored: boolean; more: boolean }> {
  if (run.attempts >= MAX_BEGINNINGS)
    throw new ApiError(
      "WORKERS_DIFFER",
      `run: its parts do not go together after ${run.attempts} beginnings: ${run.source} against ${source} (all workers need the same files of the model and the same version of Recallscope)`,
    );
  await beginAnew(tx, run.id);
  return { stored: false, more: false };
}
