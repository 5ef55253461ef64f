import { DEVICES, type Device, deviceOfSource } from "@recallscope/engine";
import type { Model, Run } from "../generated/prisma/client.ts";
import type { QueuedRun } from "../jobs/queue.ts";
import { memoryNeeded } from "./memory-needed.ts";

/** What somebody wants a run to be computed on; null: whatever. */
export const askedDevice = ({ device }: Pick<Run, "device">): Device | null =>
  DEVICES.find((each) => each === device) ?? null;

/** What the queue is told of a run, as it stands in the store now: unless it was asked for one, its device comes with its plan. */
export const queuedRun = ({
  id,
  priority,
  source,
  device,
  precision,
  model,
}: Pick<Run, "id" | "priority" | "source" | "device" | "precision"> & {
  model: Pick<Model, "summary">;
}): QueuedRun => ({
  id,
  priority,
  memory: memoryNeeded(model),
  device: askedDevice({ device }) ?? (source === null ? null : deviceOfSource(source)),
  float16: precision === "F16",
});
