import { underName } from "../named.ts";
import type { Services } from "../services.ts";

/** Renames a study, or writes its note; what is undefined stays. @throws ApiError NAME_TAKEN */
export async function updateStudy(
  { prisma, bus }: Pick<Services, "prisma" | "bus">,
  id: string,
  { name, note }: { name?: string; note?: string | null },
): Promise<void> {
  await underName("study", name ?? "", () =>
    prisma.study.update({
      where: { id },
      data: { ...(name !== undefined && { name }), ...(note !== undefined && { note }) },
    }),
  );
  bus.publish({ what: "study", id, kind: "changed" });
}
