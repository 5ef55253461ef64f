import { DEVICES, type Device, deviceOfSource } from "@recallscope/engine";
import type { Run, Worker } from "../generated/prisma/client.ts";

/** What a worker must have for a run, besides memory. */
export interface RunNeeds {
  /** Somebody asked for it, or the run's first parts come from it; null: any. */
  device: Device | null;
  float16: boolean;
}

/** What somebody wants a run to be computed on; null: whatever. */
export const askedDevice = ({ device }: Pick<Run, "device">): Device | null =>
  DEVICES.find((each) => each === device) ?? null;

/** As it stands in the store now: unless it was asked for one, a run's device comes with its plan. */
export const needsOf = (run: Pick<Run, "device" | "source" | "precision">): RunNeeds => ({
  device: askedDevice(run) ?? deviceOfSource(run.source ?? ""),
  float16: run.precision === "F16",
});

/** Whether a worker has it for sure. */
export const hasNeeds = (
  worker: Pick<Worker, "device" | "float16">,
  { device, float16 }: RunNeeds,
): boolean => (device === null || worker.device === device) && (worker.float16 || !float16);

/** Whether a worker may have it: one with `auto` may choose the device. */
export const mayHaveNeeds = (worker: Pick<Worker, "device" | "float16">, needs: RunNeeds): boolean =>
  hasNeeds(worker, worker.device === "auto" ? { ...needs, device: null } : needs);

/** `device webgpu and float16`; empty where any worker will do. */
export const needsText = ({ device, float16 }: RunNeeds): string =>
  [device && `device ${device}`, float16 && "float16"].filter(Boolean).join(" and ");
