import type { Actor } from "../access/actor.ts";
import { refuseOthers } from "../access/own.ts";
import type { Services } from "../services.ts";

/** Removes a study; its runs stay. @throws Refusal FORBIDDEN for a study of somebody else, unless the role is admin */
export async function deleteStudy({ prisma, bus }: Services, id: string, actor: Actor): Promise<void> {
  const { name, createdById, cells } = await prisma.study.findUniqueOrThrow({
    where: { id },
    select: { name: true, createdById: true, cells: { select: { runId: true } } },
  });
  refuseOthers(actor, createdById, `study ${name}`);
  await prisma.study.delete({ where: { id } });
  // Whoever follows the study looks again, and sees that it is gone.
  for (const { runId } of cells) if (runId !== null) bus.publish({ runId, kind: "status" });
}
