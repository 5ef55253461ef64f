import type { Model, Run } from "../generated/prisma/client.ts";
import type { QueuedRun } from "../jobs/queue.ts";
import { memoryNeeded } from "./memory-needed.ts";
import { needsOf } from "./run-needs.ts";

/** What the queue is told of a run, as it stands in the store now. */
export const queuedRun = ({
  model,
  ...run
}: Pick<Run, "id" | "priority" | "source" | "device" | "precision"> & {
  model: Pick<Model, "summary">;
}): QueuedRun => ({
  id: run.id,
  priority: run.priority,
  memory: memoryNeeded(model),
  ...needsOf(run),
});
