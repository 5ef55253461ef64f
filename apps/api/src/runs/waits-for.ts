import type { Model, Run } from "../generated/prisma/client.ts";
import { classesWithin, memoryClass } from "../jobs/memory-class.ts";
import { isThere } from "../jobs/worker-registry.ts";
import type { Services } from "../services.ts";
import { memoryNeeded } from "./memory-needed.ts";
import { mayHaveNeeds, needsOf, needsText } from "./run-needs.ts";

/** Why no worker that is there takes a waiting run; null where one can, be it after other runs. */
export async function waitsFor(
  { prisma, queue }: Pick<Services, "prisma" | "queue">,
  { model, ...run }: Pick<Run, "device" | "source" | "precision"> & { model: Pick<Model, "summary"> },
): Promise<string | null> {
  // An embedded store's one worker takes every run, and reads blocks that do not fit in turns.
  if (queue.alone) return null;
  const workers = await prisma.worker.findMany({
    where: isThere(),
    select: { memory: true, device: true, float16: true },
  });
  if (workers.length === 0) return "no worker is running (start one with npm run worker)";
  const needs = needsOf(run);
  const may = workers.filter((worker) => mayHaveNeeds(worker, needs));
  if (may.length === 0)
    return `no worker has ${needsText(needs)} (start one with RECALLSCOPE_DEVICE=${needs.device ?? "webgpu"})`;
  const size = memoryClass(memoryNeeded(model));
  const fits = ({ memory }: { memory: bigint | null }) =>
    classesWithin(memory === null ? null : Number(memory)).includes(size);
  if (may.some(fits)) return null;
  const largest = Math.max(...may.map(({ memory }) => Number(memory)));
  return `no worker has the memory for this model: ${size} GB are needed, and the largest has ${(largest / 2 ** 30).toFixed(1)} GB (start one elsewhere, or with RECALLSCOPE_MEMORY=${size})`;
}
