import { assembleShards } from "@recallscope/engine";
import type { RunShard } from "../generated/prisma/client.ts";
import { modelFingerprint } from "../models/fingerprint.ts";
import { storeOpened } from "../models/store-model.ts";
import { checkReport } from "../results/check-report.ts";
import { writeReport } from "../results/write-report.ts";
import { finishedRow, NO_PROGRESS, WRITE_TRANSACTION } from "../runs/save-run.ts";
import type { Services } from "../services.ts";
import type { RunInHand } from "./compute-shard.ts";
import { lockRun } from "./finish-shard.ts";
import { readShardBytes } from "./shard-bytes.ts";

/**
 * Makes the report of a run whose other shards are done; report and SUCCEEDED in one transaction, so that a half-written run is never seen.
 * @returns whether the ticket still held the shard, and the run is stored
 */
export async function finishRun(services: Services, run: RunInHand, shard: RunShard): Promise<boolean> {
  const { prisma, modelsFolder } = services;
  const [summary] = await readShardBytes(prisma, run.id, "SUMMARY");
  const further = await readShardBytes(prisma, run.id, "FURTHER");
  const { _sum } = await prisma.runShard.aggregate({ where: { runId: run.id }, _sum: { seconds: true } });
  const report = assembleShards(summary!, further, _sum.seconds ?? 0);
  checkReport(report);
  const now = await modelFingerprint(run.model, modelsFolder).catch(() => null);
  return prisma.$transaction(async (tx) => {
    if (!(await lockRun(tx, run.id))) return false;
    const held = { runId: run.id, index: shard.index, status: "CLAIMED" as const, ticket: shard.ticket };
    if ((await tx.runShard.count({ where: held })) === 0) return false;
    await tx.run.update({ where: { id: run.id }, data: { ...finishedRow(report), ...NO_PROGRESS } });
    await writeReport(tx, run.id, report);
    // Files that changed while the run was computed are not those that it speaks of.
    await storeOpened(tx, run.modelId, report.receipt.model, now === run.fingerprint ? now : null);
    await tx.runShard.deleteMany({ where: { runId: run.id } });
    return true;
  }, WRITE_TRANSACTION);
}
