import { nameTaken } from "../named.ts";
import { WRITE_TRANSACTION } from "../runs/save-run.ts";
import type { Services } from "../services.ts";
import { type AxesRequest, resolveAxes, sameGrid, storeAxes } from "./axes.ts";
import { type Filled, fillStudy } from "./fill-study.ts";
import { axesOf } from "./find-study.ts";
import { growStudy, studyNamed } from "./grow-study.ts";

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
    const { id, created } = await studyNamed(tx, { name, note, createdById });
    const axes = await storeAxes(tx, resolved);
    if (created) await growStudy(tx, id, axes);
    else if (!sameGrid(axes, await axesOf(tx, id))) throw nameTaken("study", name);
    return { id, created };
  }, WRITE_TRANSACTION);
  return { ...study, ...(await fillStudy(services, study.id, { createdById })) };
}
