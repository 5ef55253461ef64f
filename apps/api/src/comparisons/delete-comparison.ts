import type { Actor } from "../access/actor.ts";
import { refuseOthers } from "../access/own.ts";
import type { PrismaClient } from "../generated/prisma/client.ts";

/** Removes a saved comparison; its runs stay. @throws Refusal FORBIDDEN for one of somebody else, unless the role is admin */
export async function deleteComparison(prisma: PrismaClient, id: string, actor: Actor): Promise<void> {
  const { name, createdById } = await prisma.comparison.findUniqueOrThrow({ where: { id } });
  refuseOthers(actor, createdById, `comparison ${name}`);
  await prisma.comparison.delete({ where: { id } });
}
