import type { MechanismRow, RunReport } from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import type { Run } from "../generated/prisma/client.ts";
import { fromJson } from "../results/json.ts";
import { arrayOf, reportOf } from "../results/read-report.ts";
import { rowOf } from "../results/stored-row.ts";
import { findRuns } from "../runs/find-run.ts";
import type { Tx } from "../services.ts";

/** Arrays that comparisons of runs are computed from; no others are read. */
const ARRAYS = [
  "lens.answer.probability",
  "patching.clean",
  "patching.corrupted",
  "patching.noising",
  "patching.denoising",
];

/** A run with its report, without prompts, arrays and further analyses. */
export interface ReadRun {
  run: Run;
  report: RunReport;
  /** Its row of the mechanism table, where the store has it. */
  row: MechanismRow | null;
}

/**
 * Finished runs in the order asked, two statements for all.
 * @throws ApiError NOT_FOUND, RUN_NOT_FINISHED, BAD_USER_INPUT for one run asked twice
 */
export async function readRuns(tx: Tx, ids: readonly string[]): Promise<ReadRun[]> {
  const runs = await findRuns(tx, ids);
  const twice = runs.find(({ id }, i) => runs.findIndex((other) => other.id === id) !== i);
  if (twice) throw new ApiError("BAD_USER_INPUT", `run ${twice.key}: named twice (allowed: each run once)`);
  const rows = await tx.runReport.findMany({
    where: { runId: { in: runs.map(({ id }) => id) } },
    omit: { further: true },
  });
  return runs.map((run) => {
    const row = rows.find(({ runId }) => runId === run.id);
    if (!row || run.status !== "SUCCEEDED")
      throw new ApiError("RUN_NOT_FINISHED", `run ${run.key}: has no report, it is ${run.status}`, {
        status: run.status,
      });
    return { run, report: reportOf(run, row, [], []), row: rowOf(row.mechanism) };
  });
}

/** The same reports with their prompts, further analyses, and the arrays that comparisons use, three statements for all. */
export async function readBulk(tx: Tx, runs: readonly ReadRun[]): Promise<RunReport[]> {
  const where = { runId: { in: runs.map(({ run }) => run.id) } };
  const arrays = await tx.runArray.findMany({
    where: { ...where, name: { in: ARRAYS } },
    orderBy: { index: "asc" },
  });
  const prompts = await tx.prompt.findMany({ where, orderBy: { index: "asc" } });
  // Last: a run that is deleted meanwhile is then missing, never without its prompts.
  const rows = await tx.runReport.findMany({ where, select: { runId: true, further: true } });
  return runs.map(({ run, report }) => {
    const own = <T extends { runId: string }>(all: readonly T[]) =>
      all.filter(({ runId }) => runId === run.id);
    const [row] = own(rows);
    if (!row) throw new ApiError("NOT_FOUND", `run ${run.key}: was deleted a moment ago`);
    return {
      ...report,
      ...(row.further !== null && { further: fromJson<RunReport["further"]>(row.further) }),
      prompts: own(prompts).map(({ content }) => fromJson(content)),
      arrays: own(arrays).map(arrayOf),
    };
  });
}
