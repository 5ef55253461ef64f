import type { Actor } from "../access/actor.ts";
import { refuseOthers } from "../access/own.ts";
import type { Services } from "../services.ts";
import { noSuchRun } from "./find-run.ts";

/**
 * Removes a run and all its numbers; one that is being computed stops.
 * @throws ApiError NOT_FOUND; Refusal FORBIDDEN for a run of somebody else, unless the role is admin
 */
export async function deleteRun({ prisma, bus }: Services, id: string, actor: Actor): Promise<void> {
  const run = await prisma.run.findUnique({ where: { id }, select: { createdById: true } });
  if (run) refuseOthers(actor, run.createdById, `run ${id}`);
  const { count } = await prisma.run.deleteMany({ where: { id } });
  if (count === 0) throw noSuchRun(id);
  bus.publish({ runId: id, kind: "deleted" });
}
