import type { Services } from "../services.ts";
import { type Failure, storable } from "./failure.ts";
import { NO_PROGRESS } from "./save-run.ts";
import { UNFINISHED } from "./unfinished.ts";

/** Ends a run that has no report. @returns whether the run was still under way */
export async function failRun(
  prisma: Services["prisma"],
  id: string,
  { code, message }: Failure,
): Promise<boolean> {
  return prisma.$transaction(async (tx) => {
    const { count } = await tx.run.updateMany({
      where: { id, status: { in: UNFINISHED } },
      data: {
        ...NO_PROGRESS,
        status: "FAILED",
        finishedAt: new Date(),
        errorCode: code,
        errorMessage: storable(message),
      },
    });
    if (count > 0) await tx.runShard.deleteMany({ where: { runId: id } });
    return count > 0;
  });
}
