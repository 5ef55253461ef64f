import type { Services } from "../services.ts";

/** Writes the same note on several runs, in place of the one they had. @param ids plain ids @param note null: none */
export async function noteRuns(
  { prisma, bus }: Pick<Services, "prisma" | "bus">,
  { ids, note }: { ids: readonly string[]; note: string | null },
): Promise<void> {
  await prisma.run.updateMany({ where: { id: { in: [...ids] } }, data: { note } });
  for (const runId of ids) bus.publish({ runId, kind: "labels" });
}
