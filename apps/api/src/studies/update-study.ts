import type { PrismaClient } from "../generated/prisma/client.ts";
import { underName } from "../named.ts";

/** Renames a study, or writes its note; what is undefined stays. @throws ApiError NAME_TAKEN */
export async function updateStudy(
  prisma: PrismaClient,
  id: string,
  { name, note }: { name?: string; note?: string | null },
): Promise<void> {
  await underName("study", name ?? "", () =>
    prisma.study.update({
      where: { id },
      data: { ...(name !== undefined && { name }), ...(note !== undefined && { note }) },
    }),
  );
}
