import { type Task, taskHash } from "@recallscope/engine";
import { ApiError } from "../../errors.ts";
import type { PrismaClient } from "../../generated/prisma/client.ts";
import { checkReport } from "../../results/check-report.ts";
import { readReport } from "../../results/read-report.ts";
import { writeReport } from "../../results/write-report.ts";
import { finishedRow, hashesOfRelated, WRITE_TRANSACTION } from "../../runs/save-run.ts";
import { settingsOf } from "../../runs/settings.ts";
import type { Tx } from "../../services.ts";
import { storeTask } from "../../tasks/store-task.ts";
import { type Bundle, readBundle } from "./read-bundle.ts";
import { contentOf } from "./write-bundle.ts";

export interface ImportedRun {
  id: string;
  key: string;
  /** False when the run was here already. */
  created: boolean;
}

/**
 * Stores the run of a bundle, whole or not at all. Models and tasks that are known here stay as they are.
 * @param force store it beside a run of the same key with other results; it is then the newest of that key
 * @param createdById the token that brings it; null for this machine's own user
 * @throws ApiError BAD_BUNDLE, BUNDLE_VERSION, PAYLOAD_TOO_LARGE; BUNDLE_CONFLICT
 */
export async function importBundle(
  prisma: PrismaClient,
  file: Uint8Array,
  { force = false, createdById = null }: { force?: boolean; createdById?: string | null } = {},
): Promise<ImportedRun> {
  const bundle = readBundle(file);
  checkReport(bundle.report);
  const { key, content } = bundle.manifest;
  return prisma.$transaction(async (tx) => {
    // The same bundle twice at the same moment: the second waits here until the first is written.
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`;
    const present = await tx.run.findMany({
      where: { key, status: "SUCCEEDED" },
      orderBy: { id: "desc" },
      select: { id: true, finishedAt: true },
    });
    for (const { id } of present) {
      const report = await readReport(tx, id);
      if (report && contentOf(report) === content) return { id, key, created: false };
    }
    if (present.length > 0 && !force)
      throw new ApiError(
        "BUNDLE_CONFLICT",
        `run ${key}: is here with other results (finished ${present[0]!.finishedAt?.toISOString()}; the bundle's ${bundle.manifest.finishedAt}): import with force to keep both, or delete the one that is here`,
      );
    return { id: await store(tx, bundle, createdById), key, created: true };
  }, WRITE_TRANSACTION);
}

async function store(
  tx: Tx,
  { manifest, task, related, report }: Bundle,
  createdById: string | null,
): Promise<string> {
  const { name, source } = manifest.model;
  const model = await tx.model.upsert({ where: { name }, create: { name, source }, update: {} });
  const taskId = await idOfTask(tx, task, createdById);
  for (const other of related) await idOfTask(tx, other, createdById);
  const settings = settingsOf(report.receipt.settings);
  const { id } = await tx.run.create({
    data: {
      ...finishedRow(report),
      ...settings,
      analyses: [...settings.analyses],
      related: hashesOfRelated(report.receipt),
      // No request was made here.
      requestKey: manifest.key,
      modelId: model.id,
      taskId,
      createdAt: manifest.createdAt,
      startedAt: manifest.startedAt,
      finishedAt: manifest.finishedAt,
      attempts: 1,
      createdById,
    },
  });
  await writeReport(tx, id, report);
  return id;
}

async function idOfTask(tx: Tx, task: Task, createdById: string | null): Promise<string> {
  const known = await tx.task.findUnique({ where: { hash: taskHash(task) }, select: { id: true } });
  return (known ?? (await storeTask(tx, task, { makeCurrent: false, createdById }))).id;
}
