import { deviceOfSource } from "@recallscope/engine";
import type { Model, Run } from "../generated/prisma/client.ts";
import type { QueuedRun } from "../jobs/queue.ts";
import { memoryNeeded } from "./memory-needed.ts";

/** What the queue is told of a run, as it stands in the store now: its source, and so its device, comes with its plan. */
export const queuedRun = ({
  id,
  priority,
  source,
  model,
}: Pick<Run, "id" | "priority" | "source"> & { model: Pick<Model, "summary"> }): QueuedRun => ({
  id,
  priority,
  memory: memoryNeeded(model),
  device: source === null ? null : deviceOfSource(source),
});
