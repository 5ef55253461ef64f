import type { Device, Precision } from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import { GONE_MS } from "../jobs/worker-registry.ts";
import type { Tx } from "../services.ts";

/**
 * Refuses a device, or a precision, that nobody could compute on now. A worker that chooses its device model by model may choose the one that is asked for.
 * @param device null: any
 * @throws ApiError DEVICE_UNUSABLE
 */
export async function checkDevice(prisma: Tx, device: Device | null, precision: Precision): Promise<void> {
  const half = precision === "F16";
  if (device === null && !half) return;
  const workers = await prisma.worker.findMany({
    where: { seenAt: { gt: new Date(Date.now() - GONE_MS) } },
    select: { device: true, float16: true },
  });
  const able = workers.filter((worker) => device === null || [device, "auto"].includes(worker.device));
  const devices = [...new Set(workers.map((worker) => worker.device))].sort();
  const there = devices.length === 0 ? "no worker has shown itself" : `workers have ${devices.join(", ")}`;
  if (able.length === 0 && device !== null)
    throw new ApiError(
      "DEVICE_UNUSABLE",
      `device ${device}: no worker computes on it, ${there} (start one with RECALLSCOPE_DEVICE=${device}, or leave the device out)`,
    );
  if (half && !able.some(({ float16 }) => float16))
    throw new ApiError(
      "DEVICE_UNUSABLE",
      `precision F16: no worker${device === null ? "" : ` with device ${device}`} has products in float16, ${there} (start one on a GPU that has them, such as with RECALLSCOPE_DEVICE=webgpu, or ask for F32)`,
    );
}
