import { isThere } from "../jobs/worker-registry.ts";
import type { Services } from "../services.ts";
import { beginAnew } from "../shards/begin-anew.ts";
import { queuedRun } from "./queued-run.ts";
import { hasNeeds, needsOf, needsText } from "./run-needs.ts";
import { UNFINISHED } from "./unfinished.ts";

/** Longer than a machine needs to start again: hours of computing may be lost otherwise. */
const PATIENCE_MS = 10 * 60_000;

/**
 * Looks after runs whose device, or float16, no worker has any more: they say what they wait for. After a while those that were begun there begin from nothing on another
 * device, if a worker has one that will do; those that were asked for there go on waiting.
 * @returns to be called now and then; gives how many runs it let begin anew
 */
export function missingDevices(
  { prisma, queue, bus, log }: Services,
  patienceMs = PATIENCE_MS,
): () => Promise<number> {
  const missingSince = new Map<string, number>();
  return async () => {
    const workers = await prisma.worker.findMany({
      where: isThere(),
      select: { device: true, float16: true },
    });
    const runs = await prisma.run.findMany({
      // One that is worked on is at a worker with its device, be it one that `auto` took.
      where: {
        status: { in: UNFINISHED },
        OR: [{ source: { not: null } }, { device: { not: null } }, { precision: "F16" }],
        shards: { none: { status: "CLAIMED" } },
      },
      select: { id: true, priority: true, source: true, device: true, precision: true, model: true },
    });
    const waiting = runs.flatMap((run) => {
      const needs = needsOf(run);
      return workers.some((worker) => hasNeeds(worker, needs)) || needsText(needs) === ""
        ? []
        : [{ run, needs }];
    });
    for (const id of missingSince.keys())
      if (!waiting.some(({ run }) => run.id === id)) missingSince.delete(id);

    let begun = 0;
    for (const { run, needs } of waiting) {
      const { id, source } = run;
      const since = missingSince.get(id) ?? Date.now();
      missingSince.set(id, since);
      const asked = run.device !== null || needs.device === null;
      const another = workers.some((worker) => hasNeeds(worker, { ...needs, device: null }));
      if (asked || !another || Date.now() - since < patienceMs) {
        const why = asked ? "as it was asked for" : "which computed its first parts";
        const message = `waits for a worker with ${needsText(needs)}, ${why}`;
        await prisma.run.updateMany({ where: { id, source }, data: { message } });
        bus.publish({ runId: id, kind: "progress" });
        continue;
      }
      await queue.drop(queuedRun(run));
      const done = await prisma.$transaction(async (tx) => {
        const still = { id, source, status: { in: UNFINISHED } };
        const { count } = await tx.run.updateMany({
          where: still,
          data: { status: "QUEUED", message: null },
        });
        if (count === 0) return false;
        await beginAnew(tx, id);
        await queue.add(queuedRun({ ...run, source: null }), tx);
        return true;
      });
      if (!done) continue;
      begun++;
      log.warn({ runId: id, device: needs.device }, "run begins anew: no worker has its device any more");
      bus.publish({ runId: id, kind: "status" });
    }
    return begun;
  };
}
