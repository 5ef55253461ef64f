import type { Services } from "../services.ts";
import { noSuchRun } from "./create-run.ts";

/** Removes a run and all its numbers; one that is being computed stops. @throws ApiError NOT_FOUND */
export async function deleteRun({ prisma, bus }: Services, id: string): Promise<void> {
  const { count } = await prisma.run.deleteMany({ where: { id } });
  if (count === 0) throw noSuchRun(id);
  bus.publish({ runId: id, kind: "deleted" });
}
