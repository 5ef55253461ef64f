import { ApiError } from "../errors.ts";
import type { PrismaClient } from "../generated/prisma/client.ts";

/**
 * Takes a model from the list; its files stay where they are.
 * @returns its id
 * @throws ApiError NOT_FOUND; MODEL_IN_USE for a bundled model, and for one that runs or studies name
 */
export async function deleteModel(prisma: PrismaClient, name: string): Promise<string> {
  return prisma.$transaction(async (tx) => {
    // A run that is created meanwhile waits for this row, and then makes it anew.
    await tx.$queryRaw`select id from "Model" where name = ${name} for update`;
    const model = await tx.model.findUnique({
      where: { name },
      select: { id: true, source: true, _count: { select: { runs: true, cells: true } } },
    });
    if (!model) throw new ApiError("NOT_FOUND", `model ${name}: is not in the list`);
    if (model.source === "BUNDLED")
      throw new ApiError("MODEL_IN_USE", `model ${name}: came with this copy, and stays in the list`);
    const { runs, cells } = model._count;
    if (runs > 0)
      throw new ApiError(
        "MODEL_IN_USE",
        `model ${name}: ${runs} ${runs === 1 ? "run uses" : "runs use"} it: delete these first`,
        { runs },
      );
    if (cells > 0)
      throw new ApiError("MODEL_IN_USE", `model ${name}: stands in a study: delete that first`, { cells });
    await tx.model.delete({ where: { id: model.id } });
    return model.id;
  });
}
