import { savedRuns } from "../comparisons/saved-runs.ts";
import { compareStoredRuns } from "../run-comparison/compare-stored-runs.ts";
import type { StoredComparison } from "../run-comparison/stored-comparison.ts";
import { plainIdOf, runIdOf } from "../schema/ids.ts";
import type { Tx } from "../services.ts";
import type { ExportedComparison } from "./comparison-request.ts";

/**
 * The comparison that an export is of.
 * @throws ApiError NOT_COMPARABLE, BAD_USER_INPUT, NOT_FOUND also for a saved comparison that there is not, RUN_NOT_FINISHED
 */
export async function readComparison(tx: Tx, asked: ExportedComparison): Promise<StoredComparison> {
  const { axis, force } = asked;
  const baseline = asked.baseline && runIdOf(asked.baseline);
  if (!("saved" in asked))
    return compareStoredRuns(tx, { ids: asked.ids.map(runIdOf), axis, baseline, force });
  const saved = await savedRuns(tx, plainIdOf("Comparison", asked.saved));
  return compareStoredRuns(tx, { ids: saved.ids, axis, baseline: baseline ?? saved.baseline, force });
}
