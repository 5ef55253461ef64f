import type { Receipt, RunReport, Task } from "@recallscope/engine";
import type { PrismaClient } from "../generated/prisma/client.ts";
import { modelFingerprint } from "../models/fingerprint.ts";
import { resolveModelName } from "../models/model-name.ts";
import { storeModel, storeOpened } from "../models/store-model.ts";
import { checkReport } from "../results/check-report.ts";
import { asJson } from "../results/json.ts";
import { summarise } from "../results/run-summary.ts";
import { writeReport } from "../results/write-report.ts";
import { storeTask } from "../tasks/store-task.ts";
import { storable } from "./failure.ts";
import { requestKey, runKey } from "./run-key.ts";

/** Everything of a finished run's own row that its report decides. */
export const finishedRow = (report: RunReport) => ({
  status: "SUCCEEDED" as const,
  key: runKey(
    report.receipt.model,
    report.receipt.taskHash,
    report.receipt.settings,
    hashesOfRelated(report.receipt),
  ),
  finishedAt: new Date(),
  summary: asJson(summarise(report)),
  receipt: asJson(report.receipt),
  warnings: report.warnings.map(storable),
});

/** Progress of a run that nobody works on. */
export const NO_PROGRESS = { step: null, stepDone: null, stepTotal: null, fraction: null, message: null };

export const hashesOfRelated = ({ related }: Receipt): string[] => (related ?? []).map(({ hash }) => hash);

/** Reports can be large: far above Prisma's 5 s, far below forever. */
export const WRITE_TRANSACTION = { maxWait: 60_000, timeout: 120_000 };

/** Stores a report made outside the queue as a finished run. */
export async function saveRun(
  prisma: PrismaClient,
  { task, related, report }: { task: Task; related: readonly Task[]; report: RunReport },
  places: { modelsFolder: string; base: string },
): Promise<{ id: string; key: string }> {
  checkReport(report);
  const { receipt } = report;
  const name = await resolveModelName(receipt.model.name, { ...places, modelFolders: null }, places.base);
  const fingerprint = await modelFingerprint(name, places.modelsFolder);
  return prisma.$transaction(async (tx) => {
    const model = await storeModel(tx, name);
    await storeOpened(tx, model.id, receipt.model, fingerprint);
    const { id: taskId } = await storeTask(tx, task, { makeCurrent: false });
    for (const other of related) await storeTask(tx, other, { makeCurrent: false });
    const run = await tx.run.create({
      data: {
        ...finishedRow(report),
        ...receipt.settings,
        analyses: [...receipt.settings.analyses],
        related: hashesOfRelated(receipt),
        requestKey: requestKey(
          { name: name.name, fingerprint },
          receipt.taskHash,
          receipt.settings,
          hashesOfRelated(receipt),
        ),
        modelId: model.id,
        taskId,
        startedAt: new Date(receipt.startedAt),
        attempts: 1,
      },
    });
    await writeReport(tx, run.id, report);
    return { id: run.id, key: run.key };
  }, WRITE_TRANSACTION);
}
