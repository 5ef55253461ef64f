import { RUN_STEPS, type RunProgress } from "@recallscope/engine";
import type { RunShard, ShardKind } from "../generated/prisma/client.ts";
import { storable } from "../runs/failure.ts";
import type { Services, Tx } from "../services.ts";
import { fractionOf } from "./stages.ts";

const INTERVAL_MS = 250;

const STEPS = {
  PLAN: "open",
  FACTS: "facts",
  SUMMARY: "statistics",
  FURTHER: "further",
  REPORT: "further",
} as const satisfies Record<ShardKind, (typeof RUN_STEPS)[number]["id"]>;

/**
 * Writes a shard's progress and with it the run's, at most four times a second, the newest always in the end.
 * @param onGone called when the run is no longer under way: cancelled, deleted or finished
 */
export function shardProgress(
  { prisma, bus, log }: Services,
  shard: RunShard,
  onGone: () => void,
): { report: (progress: RunProgress) => void; stop: () => Promise<void> } {
  let newest: RunProgress | null = null;
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;

  const write = async () => {
    timer = null;
    if (newest === null) return;
    const { fraction, message } = newest;
    newest = null;
    try {
      await prisma.runShard.updateMany({
        where: { runId: shard.runId, index: shard.index, status: "CLAIMED", ticket: shard.ticket },
        data: { fraction },
      });
      if (await writeRunProgress(prisma, shard, message))
        bus.publish({ runId: shard.runId, kind: "progress" });
      else onGone();
    } catch (error) {
      log.warn({ error }, "progress was not written");
    }
  };
  return {
    report: (progress) => {
      newest = progress;
      timer ??= setTimeout(() => {
        writing = writing.then(write);
      }, INTERVAL_MS);
    },
    stop: async () => {
      if (timer) clearTimeout(timer);
      newest = null;
      await writing;
    },
  };
}

/** What all shards together say of how far the run is. @returns false when the run is no longer under way */
export async function writeRunProgress(
  tx: Tx,
  { runId, kind }: Pick<RunShard, "runId" | "kind">,
  message: string = RUN_STEPS.find(({ id }) => id === STEPS[kind])!.title,
): Promise<boolean> {
  const shards = await tx.runShard.findMany({
    where: { runId },
    select: { kind: true, fraction: true, from: true, to: true },
  });
  const workOfKind = (own: ShardKind) => workOf(shards.filter((shard) => shard.kind === own));
  const step = workOfKind(kind);
  const { count } = await tx.run.updateMany({
    where: { id: runId, status: "RUNNING" },
    data: {
      step: STEPS[kind],
      stepDone: Math.floor(step.done),
      stepTotal: step.total,
      fraction: fractionOf((own) => {
        const { done, total } = workOfKind(own);
        return total === 0 ? 0 : done / total;
      }),
      message: storable(message),
    },
  });
  return count > 0;
}

/** In facts, or in parts. */
function workOf(shards: readonly Pick<RunShard, "fraction" | "from" | "to">[]) {
  const size = ({ from, to }: Pick<RunShard, "from" | "to">) => (to ?? 1) - (from ?? 0);
  return {
    done: shards.reduce((sum, shard) => sum + shard.fraction * size(shard), 0),
    total: shards.reduce((sum, shard) => sum + size(shard), 0),
  };
}
