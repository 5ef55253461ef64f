import type { LabeledArray, RunReport } from "@recallscope/engine";
import type { Prompt, Run, RunArray, RunReport as RunReportRow } from "../generated/prisma/client.ts";
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
  return reportOf(run, run.report, run.prompts, arrays);
}

type Row = Pick<Run, "receipt" | "warnings">;

/** What the store derives from a report is no part of it, and further analyses need not be read. */
type Unread = "further" | "movers" | "mechanism";
type ReportRow = Omit<RunReportRow, Unread> & Partial<Pick<RunReportRow, Unread>>;

/** A report put together from its rows. */
export function reportOf(
  { receipt, warnings }: Row,
  { runId: _, movers: __, mechanism: ___, further, ...parts }: ReportRow,
  prompts: readonly Pick<Prompt, "content">[],
  arrays: readonly Omit<RunArray, "runId" | "index">[],
): RunReport {
  return {
    receipt: fromJson(receipt),
    ...fromJson<Omit<RunReport, "receipt" | "prompts" | "arrays" | "warnings" | "further">>(parts),
    ...(further != null && { further: fromJson<RunReport["further"]>(further) }),
    prompts: prompts.map(({ content }) => fromJson(content)),
    arrays: arrays.map(arrayOf),
    warnings,
  };
}

/** A labeled array from its row. */
export const arrayOf = ({ name, unit, axes, values }: Omit<RunArray, "runId" | "index">): LabeledArray => ({
  name,
  unit: unit as LabeledArray["unit"],
  axes: fromJson(axes),
  values: fromBytes(values),
});

/** The report as JSON: arrays become lists of numbers, and NaN (not observed) becomes null. */
export const reportJson = (report: RunReport): string =>
  JSON.stringify(report, (_, value: unknown) => (value instanceof Float32Array ? [...value] : value));
