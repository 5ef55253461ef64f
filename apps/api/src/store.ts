import type { ModelSummary, RunReport, RunSettings, Task } from "@recallscope/engine";
import { taskHash } from "@recallscope/engine";
import { findHolder } from "./database/folder-lock.ts";
import { openDatabase } from "./database/open-database.ts";
import { readConfig } from "./env.ts";
import {
  type ExportedComparison,
  type ExportedFile,
  type ExportRequest,
  exportComparison,
  exportRun,
  type ImportedRun,
  importBundle,
  readComparison,
} from "./exports/index.ts";
import { readReport } from "./results/read-report.ts";
import { findFinished, findRun } from "./runs/find-run.ts";
import { runKey } from "./runs/run-key.ts";
import { saveRun } from "./runs/save-run.ts";
import { runIdOf } from "./schema/ids.ts";
import { keepInStudy } from "./studies/keep-in-study.ts";

/** The store for programs that serve nothing, such as the command line. */
export interface RunStore {
  /** The finished run of the same model x task x settings, or null. */
  findFinished(request: {
    model: ModelSummary;
    task: Task;
    related: readonly Task[];
    settings: RunSettings;
  }): Promise<{ id: string; key: string; report: RunReport } | null>;
  /** Stores a finished report as a SUCCEEDED run; it is the newest of its key from now on. */
  saveRun(request: {
    task: Task;
    related: readonly Task[];
    report: RunReport;
  }): Promise<{ id: string; key: string }>;
  /** Puts finished runs into the study of this name, which is made when there is none. @throws ApiError BAD_USER_INPUT */
  keepInStudy(study: { name: string; runs: readonly string[] }): Promise<void>;
  /** A finished run, or a part of it, as a file. @param run id or key. @throws ApiError NOT_FOUND, RUN_NOT_FINISHED, BAD_USER_INPUT */
  exportRun(run: string, request: ExportRequest): Promise<ExportedFile>;
  /** A table of compared runs, or all of them, as a file. @throws ApiError NOT_COMPARABLE, NOT_FOUND, RUN_NOT_FINISHED, BAD_USER_INPUT */
  exportComparison(comparison: ExportedComparison, request: ExportRequest): Promise<ExportedFile>;
  /** Stores the run of a bundle. @throws ApiError BAD_BUNDLE, BUNDLE_VERSION, BUNDLE_CONFLICT, PAYLOAD_TOO_LARGE */
  importBundle(file: Uint8Array, options: { force: boolean }): Promise<ImportedRun>;
  close(): Promise<void>;
}

/** Opens the store (the data folder, or DATABASE_URL) and applies migrations. @throws ApiError FOLDER_LOCKED, DISK_FULL, ... */
export async function openStore(
  options: { dataFolder?: string; onStep?: (line: string) => void } = {},
): Promise<RunStore> {
  const config = readConfig();
  const { prisma, close } = await openDatabase({ ...config, ...options });
  return {
    findFinished: async ({ model, task, related, settings }) => {
      const key = runKey(model, taskHash(task), settings, related.map(taskHash));
      const run = await findFinished(prisma, key);
      const report = run && (await readReport(prisma, run.id));
      return run && report && { id: run.id, key: run.key, report };
    },
    saveRun: (request) =>
      saveRun(prisma, request, { modelsFolder: config.modelsFolder, base: process.cwd() }),
    keepInStudy: (study) => keepInStudy(prisma, study),
    exportRun: async (run, request) => exportRun(prisma, await findRun(prisma, runIdOf(run)), request),
    exportComparison: async (comparison, request) =>
      exportComparison(await readComparison(prisma, comparison), request),
    importBundle: (file, options) => importBundle(prisma, file, options),
    close,
  };
}

const STARTING_MS = 15_000;
const POLL_MS = 200;

/**
 * Address of the running server that holds a data folder, e.g. http://localhost:3000; null when none does, and with DATABASE_URL,
 * where any number of programs may open the store. A server that is just starting is waited for.
 */
export async function findServer(dataFolder?: string): Promise<string | null> {
  const config = readConfig();
  if (dataFolder === undefined && config.databaseUrl !== null) return null;
  for (const until = Date.now() + STARTING_MS; ; ) {
    const holder = await findHolder(dataFolder ?? config.dataFolder);
    if (holder === null || holder.url !== null) return holder?.url ?? null;
    if (Date.now() > until) return null;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/**
 * What opens the running server that holds a data folder to whoever may read that folder; null when none does, and with DATABASE_URL.
 * Send it as a bearer token, to the address that `findServer` gives only.
 */
export async function findOwnerKey(dataFolder?: string): Promise<string | null> {
  const config = readConfig();
  if (dataFolder === undefined && config.databaseUrl !== null) return null;
  return (await findHolder(dataFolder ?? config.dataFolder))?.ownerKey ?? null;
}
