import { RUN_STEPS, type RunReport, type Task } from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import { modelFingerprint } from "../models/fingerprint.ts";
import { refuseMoved } from "../models/model-name.ts";
import { storeNotOpened, storeOpened } from "../models/store-model.ts";
import { checkReport } from "../results/check-report.ts";
import { fromJson } from "../results/json.ts";
import { writeReport } from "../results/write-report.ts";
import type { Services } from "../services.ts";
import { tasksOf } from "../tasks/related-tasks.ts";
import { blamesModel, failureOf, storable } from "./failure.ts";
import { progressWriter } from "./progress-writer.ts";
import { finishedRow, WRITE_TRANSACTION } from "./save-run.ts";
import { settingsOf } from "./settings.ts";

/** A run whose process died this often is not begun again: it may be what kills the process (too large a model). */
const MAX_ATTEMPTS = 10;

/** A step of a large model may take seconds; an engine that is silent for longer is stuck. */
const ABORT_MS = 30_000;

/** Computes a queued run and stores what comes of it. Rejects only when another worker should try. */
export async function executeRun(services: Services, runId: string): Promise<void> {
  const run = await claim(services, runId);
  if (!run) return;
  const { prisma, bus, engines, stopping, metrics } = services;
  const log = services.log.child({ runId, attempt: run.attempts });
  const seconds = () => (Date.now() - (run.startedAt?.getTime() ?? Date.now())) / 1000;
  const attempt = run.attempts;
  const mine = { id: runId, status: "RUNNING" as const, attempts: attempt };
  bus.publish({ runId, kind: "status" });

  const controller = new AbortController();
  let deadline: NodeJS.Timeout | undefined;
  const abort = () => {
    controller.abort();
    // An engine that does not notice is ended with its thread; the next run starts another.
    deadline ??= setTimeout(() => void engines.runs.close(), ABORT_MS);
  };
  const progress = progressWriter(services, { runId, attempt, onGone: abort });
  const stopListening = bus.listen((event) => {
    if (event.runId !== runId || event.kind === "progress") return;
    prisma.run.count({ where: mine }).then(
      (count) => count === 0 && abort(),
      () => {},
    );
  });
  stopping.addEventListener("abort", abort);
  try {
    if (attempt > MAX_ATTEMPTS) throw tooManyAttempts(attempt - 1);
    await refuseMoved(run.model, services);
    const fingerprint = await modelFingerprint(run.model, services.modelsFolder).catch(() => null);
    const report = await engines.runs.run(
      {
        model: run.model.name,
        task: fromJson<Task>(run.task.content),
        settings: settingsOf(run),
        related: await tasksOf(prisma, run.related),
      },
      { signal: controller.signal, onProgress: progress.report },
    );
    await progress.stop();
    if (await finish(services, run, report, fingerprint)) {
      metrics.runEnded("SUCCEEDED", seconds());
      log.info("run finished");
    }
  } catch (error) {
    await progress.stop();
    if (stopping.aborted) {
      await prisma.run.updateMany({ where: mine, data: { ...WAITING, attempts: attempt - 1 } });
      throw error;
    }
    const failure = failureOf(error);
    const { count } = await prisma.run.updateMany({
      where: mine,
      data: {
        status: "FAILED",
        finishedAt: new Date(),
        errorCode: failure.code,
        errorMessage: storable(failure.message),
      },
    });
    if (count > 0 && blamesModel(failure)) await storeNotOpened(prisma, run.modelId, failure);
    if (count > 0) {
      metrics.runEnded("FAILED", seconds());
      log.info({ failure }, "run failed");
    }
  } finally {
    clearTimeout(deadline);
    stopListening();
    stopping.removeEventListener("abort", abort);
    bus.publish({ runId, kind: "status" });
  }
}

const NO_PROGRESS = { step: null, stepDone: null, stepTotal: null, fraction: null, message: null };
/** A run as it waits for its turn. */
export const WAITING = { status: "QUEUED" as const, startedAt: null, ...NO_PROGRESS };

/** Takes a run for this attempt; null when it was cancelled, deleted or finished before its turn. */
async function claim({ prisma }: Services, id: string) {
  const [first] = RUN_STEPS;
  const { count } = await prisma.run.updateMany({
    where: { id, status: { in: ["QUEUED", "RUNNING"] } },
    data: {
      status: "RUNNING",
      attempts: { increment: 1 },
      startedAt: new Date(),
      step: first.id,
      stepDone: 0,
      stepTotal: 1,
      fraction: 0,
      message: first.title,
    },
  });
  return count === 0 ? null : prisma.run.findUnique({ where: { id }, include: { model: true, task: true } });
}

type Claimed = NonNullable<Awaited<ReturnType<typeof claim>>>;

/** Report and SUCCEEDED in one transaction: a half-written run is never seen, and a cancelled one is never written. */
/** @returns whether the run was still this worker's, and is stored */
async function finish(
  services: Services,
  run: Claimed,
  report: RunReport,
  fingerprint: string | null,
): Promise<boolean> {
  checkReport(report);
  return services.prisma.$transaction(async (tx) => {
    const { count } = await tx.run.updateMany({
      where: { id: run.id, status: "RUNNING", attempts: run.attempts },
      data: { ...finishedRow(report), ...NO_PROGRESS },
    });
    if (count === 0) return false;
    await writeReport(tx, run.id, report);
    await storeOpened(tx, run.modelId, report.receipt.model, fingerprint);
    return true;
  }, WRITE_TRANSACTION);
}

const tooManyAttempts = (attempts: number) =>
  new ApiError(
    "RUN_INTERRUPTED",
    `run: the process ended ${attempts} times while it was computed (too little memory for this model?); create it again with force to try once more`,
  );
