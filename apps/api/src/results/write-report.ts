import type { RunReport } from "@recallscope/engine";
import type { Tx } from "../services.ts";
import { toBytes } from "./float-bytes.ts";
import { asJson } from "./json.ts";
import { rowColumn } from "./stored-row.ts";

/** Writes everything of a report that the run's own row does not hold. */
export async function writeReport(tx: Tx, runId: string, report: RunReport): Promise<void> {
  await tx.runReport.create({
    data: {
      runId,
      task: asJson(report.task),
      prediction: asJson(report.prediction),
      argumentPassing: asJson(report.argumentPassing),
      mlpActivation: asJson(report.mlpActivation),
      functionApplication: asJson(report.functionApplication),
      finalLayer: asJson(report.finalLayer),
      ...(report.further && { further: asJson(report.further) }),
      ...rowColumn(report),
    },
  });
  await tx.prompt.createMany({
    data: report.prompts.map((prompt) => ({
      runId,
      index: prompt.index,
      known: prompt.known,
      content: asJson(prompt),
    })),
  });
  for (const [index, { name, unit, axes, values }] of report.arrays.entries()) {
    await tx.runArray.create({
      data: { runId, index, name, unit, axes: asJson(axes), values: toBytes(values) },
    });
  }
}
