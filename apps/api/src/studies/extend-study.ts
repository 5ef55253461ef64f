import { WRITE_TRANSACTION } from "../runs/save-run.ts";
import type { Services } from "../services.ts";
import { type AxesRequest, resolveAxes, storeAxes } from "./axes.ts";
import { type Filled, fillStudy } from "./fill-study.ts";
import { growStudy } from "./grow-study.ts";

/**
 * Adds models, tasks or settings to a study, and queues or finds the runs of the new cells. What it has already stays where it is.
 * @throws ApiError BAD_USER_INPUT for too large a grid; MODEL_NOT_FOUND, MODEL_NOT_ALLOWED, TASK_NOT_FOUND
 */
export async function extendStudy(
  services: Services,
  id: string,
  { createdById, ...request }: AxesRequest & { createdById: string | null },
): Promise<Filled> {
  const resolved = await resolveAxes(services, request);
  await services.prisma.$transaction(async (tx) => {
    await growStudy(tx, id, await storeAxes(tx, resolved));
  }, WRITE_TRANSACTION);
  return fillStudy(services, id, { createdById });
}
