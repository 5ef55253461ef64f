import type { Actor } from "../access/actor.ts";
import { refuseOthers } from "../access/own.ts";
import type { Services } from "../services.ts";
import { noSuchRun } from "./find-run.ts";

/** Ids of what named a run that is gone. */
export interface NamedBy {
  comparisons: string[];
  studies: string[];
}

/**
 * Removes a run and all its numbers; one that is being computed stops. Studies and saved comparisons that name it keep its place.
 * @returns which these are
 * @throws ApiError NOT_FOUND; Refusal FORBIDDEN for a run of somebody else, unless the role is admin
 */
export async function deleteRun({ prisma, bus }: Services, id: string, actor: Actor): Promise<NamedBy> {
  const run = await prisma.run.findUnique({
    where: { id },
    select: {
      createdById: true,
      compared: { select: { comparisonId: true } },
      cells: { select: { studyId: true } },
    },
  });
  if (run) refuseOthers(actor, run.createdById, `run ${id}`);
  const { count } = await prisma.run.deleteMany({ where: { id } });
  if (count === 0) throw noSuchRun(id);
  bus.publish({ runId: id, kind: "deleted" });
  return {
    comparisons: run?.compared.map(({ comparisonId }) => comparisonId) ?? [],
    studies: [...new Set(run?.cells.map(({ studyId }) => studyId))],
  };
}
