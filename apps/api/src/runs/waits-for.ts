import type { Model } from "../generated/prisma/client.ts";
import { classesWithin, memoryClass } from "../jobs/memory-class.ts";
import { GONE_MS } from "../jobs/worker-registry.ts";
import type { Services } from "../services.ts";
import { memoryNeeded } from "./memory-needed.ts";

/** Why no worker that is there takes a waiting run; null where one can, be it after other runs. */
export async function waitsFor(
  { prisma, queue }: Pick<Services, "prisma" | "queue">,
  model: Pick<Model, "summary">,
): Promise<string | null> {
  // An embedded store's one worker takes every run, and reads blocks that do not fit in turns.
  if (queue.alone) return null;
  const workers = await prisma.worker.findMany({
    where: { seenAt: { gt: new Date(Date.now() - GONE_MS) } },
    select: { memory: true },
  });
  if (workers.length === 0) return "no worker is running (start one with npm run worker)";
  const size = memoryClass(memoryNeeded(model));
  const fits = ({ memory }: { memory: bigint | null }) =>
    classesWithin(memory === null ? null : Number(memory)).includes(size);
  if (workers.some(fits)) return null;
  const largest = Math.max(...workers.map(({ memory }) => Number(memory)));
  return `no worker has the memory for this model: ${size} GB are needed, and the largest has ${(largest / 2 ** 30).toFixed(1)} GB (start one elsewhere, or with RECALLSCOPE_MEMORY=${size})`;
}
