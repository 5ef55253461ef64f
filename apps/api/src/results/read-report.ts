import type { LabeledArray, RunReport } from "@recallscope/engine";
import type { Tx } from "../services.ts";
import { fromBytes } from "./float-bytes.ts";
import { fromJson } from "./json.ts";

/**
 * The report of a finished run as the engine made it; null while there is none.
 * @param arrays false leaves its arrays out: they can be large, and tables need none
 */
export async function readReport(
  tx: Tx,
  runId: string,
  { arrays: withArrays = true } = {},
): Promise<RunReport | null> {
  // Arrays first: a run that is deleted meanwhile is then missing, never without its arrays.
  const arrays = withArrays
    ? await tx.runArray.findMany({ where: { runId }, orderBy: { index: "asc" } })
    : [];
  const run = await tx.run.findUnique({
    where: { id: runId },
    include: { report: true, prompts: { orderBy: { index: "asc" } } },
  });
  if (!run?.report) return null;
  const { runId: _, further, ...parts } = run.report;
  return {
    receipt: fromJson(run.receipt),
    ...fromJson<Omit<RunReport, "receipt" | "prompts" | "arrays" | "warnings" | "further">>(parts),
    ...(further !== null && { further: fromJson<RunReport["further"]>(further) }),
    prompts: run.prompts.map((prompt) => fromJson(prompt.content)),
    arrays: arrays.map(({ name, unit, axes, values }) => ({
      name,
      unit: unit as LabeledArray["unit"],
      axes: fromJson(axes),
      values: fromBytes(values),
    })),
    warnings: run.warnings,
  };
}

/** The report as JSON: arrays become lists of numbers, and NaN (not observed) becomes null. */
export const reportJson = (report: RunReport): string =>
  JSON.stringify(report, (_, value: unknown) => (value instanceof Float32Array ? [...value] : value));
