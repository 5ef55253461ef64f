import { ApiError } from "../errors.ts";
import { findRunIds } from "../runs/find-run.ts";
import type { Tx } from "../services.ts";

/** Runs in one comparison: more than anyone tells apart beside each other. */
export const MAX_COMPARED = 20;

/**
 * The rows of a comparison's runs, in order, each once. They keep what a run was called, for when it is deleted.
 * @param given ids or keys
 * @throws ApiError NOT_FOUND
 */
export async function comparedRows(tx: Tx, given: readonly string[]) {
  const ids = await findRunIds(tx, given);
  const runs = await tx.run.findMany({
    where: { id: { in: ids } },
    select: { id: true, key: true, model: { select: { name: true } }, task: { select: { slug: true } } },
  });
  return ids.map((runId, place) => {
    const { key, model, task } = runs.find(({ id }) => id === runId)!;
    return { place, runId, key, model: model.name, task: task.slug };
  });
}

/**
 * The place of the run that the others are held against.
 * @param baseline id or key; null: the first
 * @throws ApiError NOT_FOUND; BAD_USER_INPUT where it is not among them
 */
export async function baselinePlace(
  tx: Tx,
  rows: readonly { place: number; runId: string | null }[],
  baseline: string | null,
): Promise<number> {
  if (baseline === null) return 0;
  const [id] = await findRunIds(tx, [baseline]);
  const row = rows.find(({ runId }) => runId === id);
  if (!row) throw new ApiError("BAD_USER_INPUT", `baseline ${baseline}: is not among the runs compared`);
  return row.place;
}
