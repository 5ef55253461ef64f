import { ApiError } from "../errors.ts";
import type { PrismaClient } from "../generated/prisma/client.ts";
import { WRITE_TRANSACTION } from "../runs/save-run.ts";
import { settingsOf } from "../runs/settings.ts";
import { name as studyName } from "../text.ts";
import { settingsText } from "./axes.ts";
import { growStudy, studyNamed } from "./grow-study.ts";

/**
 * Puts runs that were made elsewhere into a study, which is made when there is none of that name and grows as far as they need.
 * @param runs ids
 * @throws ApiError BAD_USER_INPUT for a name that no study can have, and for too large a grid
 */
export async function keepInStudy(
  prisma: PrismaClient,
  { name: given, runs: ids }: { name: string; runs: readonly string[] },
): Promise<void> {
  const { success, data: name, error } = studyName("study").safeParse(given);
  if (!success) throw new ApiError("BAD_USER_INPUT", error.issues[0]!.message);
  await prisma.$transaction(async (tx) => {
    const { id: studyId } = await studyNamed(tx, { name, note: null, createdById: null });
    const runs = await tx.run.findMany({ where: { id: { in: [...ids] } }, orderBy: { id: "asc" } });
    const grid = await growStudy(tx, studyId, {
      models: runs.map(({ modelId }) => modelId),
      tasks: runs.map(({ taskId }) => taskId),
      settings: runs.map(settingsOf),
    });
    const settings = grid.settings.map(settingsText);
    for (const run of runs) {
      const { modelId, taskId, id: runId } = run;
      const settingsPlace = settings.indexOf(settingsText(settingsOf(run)));
      await tx.studyCell.updateMany({ where: { studyId, modelId, taskId, settingsPlace }, data: { runId } });
    }
  }, WRITE_TRANSACTION);
}
