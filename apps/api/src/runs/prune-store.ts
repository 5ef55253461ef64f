import { ApiError } from "../errors.ts";
import type { Prisma, PrismaClient } from "../generated/prisma/client.ts";
import type { StoreBus } from "../jobs/bus.ts";

export interface PruneRequest {
  /** Whole days, 1 to 36500, since a run ended, or an event happened. */
  olderThanDays: number;
  /** Leave runs that have a tag. */
  keepTagged: boolean;
  /** Also remove events. */
  events: boolean;
  /** Only count. */
  dryRun: boolean;
}

export interface Pruned {
  /** Runs that were removed, or would be. */
  runs: number;
  /** Runs as old that stay: those with a tag, where these are kept, and those that a study or a saved comparison names. */
  keptTagged: number;
  keptNamed: number;
  /** Events that were removed, or would be. */
  events: number;
}

const MAX_DAYS = 36_500;
const DAY_MS = 24 * 3600 * 1000;
/** Runs of one transaction: a run has hundreds of rows, and whoever waits for them should not wait long. */
const BATCH = 50;

/**
 * Removes runs that ended long ago, with all their numbers, and events if asked to. Runs that wait or are computed, and those that a study or a saved
 * comparison names, stay. What was removed before a failure is gone: asking again goes on.
 * @throws ApiError BAD_USER_INPUT
 */
export async function pruneStore(
  prisma: PrismaClient,
  bus: Pick<StoreBus, "publish"> | null,
  { olderThanDays, keepTagged, events: withEvents, dryRun }: PruneRequest,
): Promise<Pruned> {
  if (!Number.isInteger(olderThanDays) || olderThanDays < 1 || olderThanDays > MAX_DAYS)
    throw new ApiError(
      "BAD_USER_INPUT",
      `prune: ${olderThanDays} days: allowed are 1 to ${MAX_DAYS} whole days`,
    );
  const before = new Date(Date.now() - olderThanDays * DAY_MS);
  const old: Prisma.RunWhereInput = {
    status: { in: ["SUCCEEDED", "FAILED", "CANCELLED"] },
    finishedAt: { lt: before },
  };
  const unnamed: Prisma.RunWhereInput = { cells: { none: {} }, compared: { none: {} } };
  const untagged: Prisma.RunWhereInput = keepTagged ? { tags: { isEmpty: true } } : {};
  const doomed = { AND: [old, unnamed, untagged] };
  const oldEvents = { at: { lt: before } };
  const [runs, ofAge, withoutName, events] = await Promise.all([
    prisma.run.count({ where: doomed }),
    prisma.run.count({ where: old }),
    prisma.run.count({ where: { AND: [old, unnamed] } }),
    withEvents ? prisma.auditEvent.count({ where: oldEvents }) : 0,
  ]);
  const kept = { keptTagged: withoutName - runs, keptNamed: ofAge - withoutName };
  if (dryRun) return { runs, events, ...kept };
  const removed = await removeRuns(prisma, bus, doomed);
  const { count } = withEvents ? await prisma.auditEvent.deleteMany({ where: oldEvents }) : { count: 0 };
  return { runs: removed, events: count, ...kept };
}

async function removeRuns(
  prisma: PrismaClient,
  bus: Pick<StoreBus, "publish"> | null,
  where: Prisma.RunWhereInput,
): Promise<number> {
  for (let removed = 0; ; ) {
    const batch = await prisma.run.findMany({
      where,
      select: { id: true },
      orderBy: { id: "asc" },
      take: BATCH,
    });
    if (batch.length === 0) return removed;
    // Asked again as they are removed: somebody may have tagged one meanwhile.
    const { count } = await prisma.run.deleteMany({
      where: { AND: [where, { id: { in: batch.map(({ id }) => id) } }] },
    });
    removed += count;
    for (const { id } of batch) bus?.publish({ runId: id, kind: "deleted" });
  }
}
