import { underName } from "../named.ts";
import type { Services } from "../services.ts";
import { baselinePlace, comparedRows } from "./compared-runs.ts";

/** What is undefined stays. */
export interface ComparisonChange {
  name?: string;
  note?: string | null;
  /** Ids or keys, in place of those that were there; the first becomes the baseline unless another one is named. */
  runs?: readonly string[];
  /** Id or key. */
  baseline?: string;
  state?: string;
}

/** Changes a saved comparison. @throws ApiError NAME_TAKEN, NOT_FOUND, BAD_USER_INPUT */
export async function updateComparison(
  { prisma, bus }: Pick<Services, "prisma" | "bus">,
  id: string,
  { runs, baseline, ...change }: ComparisonChange,
): Promise<void> {
  await underName("comparison", change.name ?? "", () =>
    prisma.$transaction(async (tx) => {
      // Two people who change it at the same moment: the second replaces what the first has written, as a whole.
      await tx.$queryRaw`select id from "Comparison" where id = ${id}::uuid for update`;
      if (runs !== undefined) {
        const rows = await comparedRows(tx, runs);
        await tx.comparisonRun.deleteMany({ where: { comparisonId: id } });
        await tx.comparisonRun.createMany({ data: rows.map((row) => ({ ...row, comparisonId: id })) });
      }
      const moved = runs !== undefined || baseline !== undefined;
      const rows = moved ? await tx.comparisonRun.findMany({ where: { comparisonId: id } }) : [];
      await tx.comparison.update({
        where: { id },
        data: { ...change, ...(moved && { baseline: await baselinePlace(tx, rows, baseline ?? null) }) },
      });
    }),
  );
  bus.publish({ what: "comparison", id, kind: "changed" });
}
