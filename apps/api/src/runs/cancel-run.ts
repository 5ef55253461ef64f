import { ApiError } from "../errors.ts";
import type { Services } from "../services.ts";
import { noSuchRun } from "./find-run.ts";
import { UNFINISHED } from "./unfinished.ts";

/** Stops a run that waits or is being computed. @throws ApiError NOT_FOUND, RUN_NOT_ACTIVE */
export async function cancelRun({ prisma, bus }: Services, id: string): Promise<void> {
  const count = await prisma.$transaction(async (tx) => {
    const cancelled = await tx.run.updateMany({
      where: { id, status: { in: UNFINISHED } },
      data: { status: "CANCELLED", finishedAt: new Date() },
    });
    if (cancelled.count > 0) await tx.runShard.deleteMany({ where: { runId: id } });
    return cancelled.count;
  });
  if (count === 0) {
    const run = await prisma.run.findUnique({ where: { id }, select: { status: true } });
    if (!run) throw noSuchRun(id);
    throw new ApiError("RUN_NOT_ACTIVE", `run ${id}: cannot be cancelled, it is ${run.status}`, {
      status: run.status,
    });
  }
  bus.publish({ runId: id, kind: "status" });
}
