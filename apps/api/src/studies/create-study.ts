import { nameTaken } from "../named.ts";
import { asJson } from "../results/json.ts";
import type { Services } from "../services.ts";
import { type AxesRequest, cellsOf, resolveAxes, sameGrid, storeAxes } from "./axes.ts";
import { type Filled, fillStudy } from "./fill-study.ts";
import { axesOf } from "./find-study.ts";

export interface StudyRequest extends AxesRequest {
  name: string;
  note: string | null;
  /** The token that asks; null for this machine's own user. */
  createdById: string | null;
}

/**
 * Makes a study and queues, or finds, all of its runs. Asked again for the same grid under the same name it goes on with that one.
 * @throws ApiError NAME_TAKEN by another grid; BAD_USER_INPUT for too large a grid; MODEL_NOT_FOUND, MODEL_NOT_ALLOWED, TASK_NOT_FOUND
 */
export async function createStudy(
  services: Services,
  { name, note, createdById, ...request }: StudyRequest,
): Promise<Filled & { id: string; created: boolean }> {
  const resolved = await resolveAxes(services, request);
  const study = await services.prisma.$transaction(async (tx) => {
    // The same request twice at the same moment: the second waits here until the first is written.
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`study ${name}`}, 0))`;
    const axes = await storeAxes(tx, resolved);
    const known = await tx.study.findUnique({ where: { name }, select: { id: true } });
    if (known) {
      if (!sameGrid(axes, await axesOf(tx, known.id))) throw nameTaken("study", name);
      return { id: known.id, created: false };
    }
    const { id } = await tx.study.create({
      data: { name, note, createdById, settings: asJson(axes.settings) },
      select: { id: true },
    });
    await tx.studyCell.createMany({ data: cellsOf(id, axes) });
    return { id, created: true };
  });
  return { ...study, ...(await fillStudy(services, study.id, { createdById })) };
}
