import type { Device } from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import { GONE_MS } from "../jobs/worker-registry.ts";
import type { Services } from "../services.ts";

/** Refuses a device that nobody could compute on now. One that chooses model by model may choose it. @throws ApiError DEVICE_UNUSABLE */
export async function checkDevice(prisma: Services["prisma"], device: Device): Promise<void> {
  const workers = await prisma.worker.findMany({
    where: { seenAt: { gt: new Date(Date.now() - GONE_MS) } },
    select: { device: true },
  });
  const devices = [...new Set(workers.map((worker) => worker.device))].sort();
  if (devices.includes(device) || devices.includes("auto")) return;
  const there = devices.length === 0 ? "no worker has shown itself" : `workers have ${devices.join(", ")}`;
  throw new ApiError(
    "DEVICE_UNUSABLE",
    `device ${device}: no worker computes on it, ${there} (start one with RECALLSCOPE_DEVICE=${device}, or leave the device out)`,
  );
}
