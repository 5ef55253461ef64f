import { ApiError } from "../errors.ts";
import { isThere } from "../jobs/worker-registry.ts";
import type { Tx } from "../services.ts";
import { mayHaveNeeds, type RunNeeds } from "./run-needs.ts";

/**
 * Refuses a device, or a precision, that nobody could compute on now. A worker that chooses its device model by model may choose the one that is asked for.
 * @throws ApiError DEVICE_UNUSABLE
 */
export async function checkDevice(prisma: Tx, needs: RunNeeds): Promise<void> {
  const { device, float16 } = needs;
  if (device === null && !float16) return;
  const workers = await prisma.worker.findMany({
    where: isThere(),
    select: { device: true, float16: true },
  });
  if (workers.some((worker) => mayHaveNeeds(worker, needs))) return;
  const devices = [...new Set(workers.map((worker) => worker.device))].sort();
  const there = devices.length === 0 ? "no worker has shown itself" : `workers have ${devices.join(", ")}`;
  if (device !== null && !workers.some((worker) => mayHaveNeeds(worker, { device, float16: false })))
    throw new ApiError(
      "DEVICE_UNUSABLE",
      `device ${device}: no worker computes on it, ${there} (start one with RECALLSCOPE_DEVICE=${device}, or leave the device out)`,
    );
  throw new ApiError(
    "DEVICE_UNUSABLE",
    `precision F16: no worker${device === null ? "" : ` with device ${device}`} has products in float16, ${there} (start one on a GPU that has them, such as with RECALLSCOPE_DEVICE=webgpu, or ask for F32)`,
  );
}
