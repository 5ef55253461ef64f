import { underName } from "../named.ts";
import type { Services } from "../services.ts";
import { baselinePlace, comparedRows } from "./compared-runs.ts";

export interface NewComparison {
  name: string;
  note: string | null;
  /** Ids or keys. */
  runs: readonly string[];
  /** Id or key; null: the first of `runs`. */
  baseline: string | null;
  state: string;
  createdById: string | null;
}

/** Keeps runs beside each other under a name. @returns its id. @throws ApiError NAME_TAKEN, NOT_FOUND, BAD_USER_INPUT */
export async function createComparison(
  { prisma, bus }: Pick<Services, "prisma" | "bus">,
  { runs, baseline, ...comparison }: NewComparison,
): Promise<string> {
  const id = await underName("comparison", comparison.name, () =>
    prisma.$transaction(async (tx) => {
      const rows = await comparedRows(tx, runs);
      const { id } = await tx.comparison.create({
        data: {
          ...comparison,
          baseline: await baselinePlace(tx, rows, baseline),
          runs: { createMany: { data: rows } },
        },
        select: { id: true },
      });
      return id;
    }),
  );
  bus.publish({ what: "comparison", id, kind: "changed" });
  return id;
}
