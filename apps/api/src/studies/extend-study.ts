import { asJson } from "../results/json.ts";
import type { Services } from "../services.ts";
import { type AxesRequest, cellsOf, joinAxes, resolveAxes, storeAxes } from "./axes.ts";
import { type Filled, fillStudy } from "./fill-study.ts";
import { axesOf } from "./find-study.ts";

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
    // Two people who extend it at the same moment: the second sees what the first has added.
    await tx.$queryRaw`select id from "Study" where id = ${id}::uuid for update`;
    const grid = joinAxes(await axesOf(tx, id), await storeAxes(tx, resolved));
    await tx.studyCell.createMany({ data: cellsOf(id, grid), skipDuplicates: true });
    await tx.study.update({ where: { id }, data: { settings: asJson(grid.settings) } });
  });
  return fillStudy(services, id, { createdById });
}
