import { axisOf, type ComparisonAxis, type Difference, differencesOf } from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import { asJson } from "../results/json.ts";
import type { Tx } from "../services.ts";
import { readBulk, readRuns } from "./read-runs.ts";
import { StoredComparison } from "./stored-comparison.ts";

export const COMPARED_RUNS = { min: 2, max: 12 };

export interface ComparisonRequest {
  /** Ids or keys, the order of everything that has a place per run. */
  ids: readonly string[];
  /** Null: what the runs do differ in. */
  axis: ComparisonAxis | null;
  /** One of `ids`; null: the first. */
  baseline: string | null;
  /** Goes on where numbers do not mean the same. */
  force: boolean;
}

/**
 * Compares finished runs along an axis.
 * @throws ApiError NOT_COMPARABLE with the differences that prevent it, unless forced; BAD_USER_INPUT, NOT_FOUND, RUN_NOT_FINISHED
 */
export async function compareStoredRuns(
  tx: Tx,
  { ids, axis: asked, baseline, force }: ComparisonRequest,
): Promise<StoredComparison> {
  const { min, max } = COMPARED_RUNS;
  if (ids.length < min || ids.length > max)
    throw new ApiError("BAD_USER_INPUT", `runs to compare: ${ids.length} (allowed: ${min} to ${max})`);
  const runs = await readRuns(tx, ids);
  const place =
    baseline === null ? 0 : runs.findIndex(({ run }, i) => [ids[i], run.id, run.key].includes(baseline));
  if (place < 0)
    throw new ApiError(
      "BAD_USER_INPUT",
      `baseline ${baseline}: is none of the runs (allowed: ${runs.map(({ run }) => run.key).join(", ")})`,
    );
  const reports = runs.map(({ report }) => report);
  const axis = asked ?? axisOf(reports);
  const differences = differencesOf(reports, axis);
  const preventing = differences.filter(({ prevents }) => prevents);
  if (preventing.length > 0 && !force)
    throw notComparable(
      runs.map(({ run }) => run.key),
      preventing,
    );
  return new StoredComparison({
    runs,
    axis,
    baseline: place,
    differences,
    forced: preventing.length > 0,
    readBulk: () => readBulk(tx, runs),
    keepRow: async (runId, row) => {
      // What cannot be kept is computed again the next time: a full disk is no reason not to answer.
      await tx.runReport.updateMany({ where: { runId }, data: { mechanism: asJson(row) } }).catch(() => {});
    },
  });
}

const notComparable = (runs: readonly string[], differences: readonly Difference[]): ApiError =>
  new ApiError(
    "NOT_COMPARABLE",
    `runs to compare: ${differences
      .map(({ name, values, why }) => `${name} ${[...new Set(values)].join(" and ")} (${why})`)
      .join("; ")}: choose other runs or another axis, or go on by force`,
    { runs, differences: differences.map(({ name, values, why }) => ({ name, values, why })) },
  );
