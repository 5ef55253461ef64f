import type { Actor } from "../access/actor.ts";
import { refuseOthers } from "../access/own.ts";
import type { Services } from "../services.ts";

/** Removes a study; its runs stay. @throws Refusal FORBIDDEN for a study of somebody else, unless the role is admin */
export async function deleteStudy({ prisma, bus }: Services, id: string, actor: Actor): Promise<void> {
  const { name, createdById } = await prisma.study.findUniqueOrThrow({
    where: { id },
    select: { name: true, createdById: true },
  });
  refuseOthers(actor, createdById, `study ${name}`);
  await prisma.study.delete({ where: { id } });
  bus.publish({ what: "study", id, kind: "deleted" });
}
