import { ApiError } from "../errors.ts";
import { noSuch, whereIdOrName } from "../named.ts";
import type { Tx } from "../services.ts";

/**
 * What a saved comparison is of: ids of its runs in order, and of its baseline.
 * @throws ApiError NOT_FOUND for none of this id or name; BAD_USER_INPUT when runs of it were deleted
 */
export async function savedRuns(tx: Tx, text: string): Promise<{ ids: string[]; baseline: string }> {
  const saved = await tx.comparison.findUnique({
    where: whereIdOrName(text),
    select: {
      name: true,
      baseline: true,
      runs: { orderBy: { place: "asc" }, select: { runId: true, key: true } },
    },
  });
  if (!saved) throw noSuch("comparison", text);
  const gone = saved.runs.flatMap(({ runId, key }) => (runId === null ? [key] : []));
  if (gone.length > 0)
    throw new ApiError(
      "BAD_USER_INPUT",
      `comparison ${saved.name}: ${gone.length} of its runs were deleted (${gone.join(", ")}): name those to compare one by one`,
    );
  const ids = saved.runs.flatMap(({ runId }) => runId ?? []);
  return { ids, baseline: ids[saved.baseline]! };
}
