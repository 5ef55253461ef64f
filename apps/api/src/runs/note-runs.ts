import type { PrismaClient } from "../generated/prisma/client.ts";

/** Writes the same note on several runs, in place of the one they had. @param ids plain ids @param note null: none */
export async function noteRuns(
  prisma: PrismaClient,
  { ids, note }: { ids: readonly string[]; note: string | null },
): Promise<void> {
  await prisma.run.updateMany({ where: { id: { in: [...ids] } }, data: { note } });
}
