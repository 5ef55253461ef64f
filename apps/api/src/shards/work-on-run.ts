import type { Device } from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import type { RunShard } from "../generated/prisma/client.ts";
import { isOfRun } from "../jobs/bus.ts";
import type { Ticket } from "../jobs/queue.ts";
import { storeNotOpened } from "../models/store-model.ts";
import { failRun } from "../runs/fail-run.ts";
import { blamesModel, failureOf, isPassing, storable } from "../runs/failure.ts";
import { queuedRun } from "../runs/queued-run.ts";
import type { Services } from "../services.ts";
import { traced } from "../tracing.ts";
import { beginAnew } from "./begin-anew.ts";
import { computeShard, type RunInHand } from "./compute-shard.ts";
import { finishRun } from "./finish-run.ts";
import { finishShard, lockRun } from "./finish-shard.ts";
import { runDevice } from "./run-device.ts";
import { shardProgress, writeRunProgress } from "./shard-progress.ts";
import { claimShard, releaseEarlier, releaseTicket } from "./ticket-claims.ts";

/** A shard whose worker died this often is not taken up again: it may be what kills the worker (too large a model). */
const MAX_ATTEMPTS = 10;

/** A step of a large model may take seconds; an engine that is silent for longer is stuck. */
const ABORT_MS = 30_000;

/** A worker whose device is chosen model by model is brought back to what it left, as far as the queue knows. */
const LEAVE_SECONDS = 60;

/** Computes shards of a run until none waits any more. Rejects where the ticket must come back, to this worker or another. */
export async function workOnRun(shared: Services, ticket: Ticket): Promise<void> {
  const { runId } = ticket;
  const services: Services = { ...shared, log: shared.log.child({ runId, ticket: ticket.id }) };
  const { prisma, bus, engines, stopping } = services;
  const run = await takeUp(services, ticket);
  if (!run) return;
  bus.publish({ runId, kind: "status" });

  const controller = new AbortController();
  let deadline: NodeJS.Timeout | undefined;
  const abort = () => {
    controller.abort();
    // An engine that does not notice is ended with its thread; the next run starts another.
    deadline ??= setTimeout(() => void engines.runs.close(), ABORT_MS);
  };
  const stopListening = bus.listen((event) => {
    if (!isOfRun(event) || event.runId !== runId) return;
    if (event.kind !== "status" && event.kind !== "deleted") return;
    prisma.run.count({ where: { id: runId, status: "RUNNING" } }).then(
      (count) => count === 0 && abort(),
      () => {},
    );
  });
  stopping.addEventListener("abort", abort);
  try {
    let helped = false;
    const device = runDevice(services, run, controller.signal);
    for (;;) {
      if (stopping.aborted) return await handBack(services, run, ticket);
      const shard = await claimShard(prisma, ticket, services.worker.name);
      if (!shard) return;
      const other = await device.other();
      if (other) {
        if (!services.queue.alone) return await leave(services, run, ticket);
        if (other.asked) throw noSuchDevice(other.asked, other.own);
        await prisma.$transaction(
          async (tx) => void ((await lockRun(tx, runId)) && (await beginAnew(tx, runId))),
        );
        continue;
      }
      if (!helped) await askForHelp(services, run);
      helped = true;
      const { index, kind } = shard;
      await traced(
        "shard",
        { "recallscope.run.id": runId, "recallscope.shard": index, "recallscope.shard.kind": kind },
        () => oneShard(services, run, shard, { signal: controller.signal, abort }),
      );
    }
  } catch (error) {
    if (stopping.aborted) return await handBack(services, run, ticket);
    await failed(services, run, ticket, error);
  } finally {
    clearTimeout(deadline);
    stopListening();
    stopping.removeEventListener("abort", abort);
    bus.publish({ runId, kind: "status" });
  }
}

/** The run, under way; null when it was cancelled, deleted or finished before. */
async function takeUp({ prisma }: Services, ticket: Ticket): Promise<RunInHand | null> {
  const id = ticket.runId;
  await releaseEarlier(prisma, ticket);
  await prisma.$executeRaw`
    update "Run" set status = 'RUNNING', "startedAt" = coalesce("startedAt", ${new Date()}), attempts = greatest(attempts, 1)
    where id = ${id}::uuid and status = 'QUEUED'`;
  const run = await prisma.run.findUnique({ where: { id }, include: { model: true, task: true } });
  return run?.status === "RUNNING" ? run : null;
}

async function oneShard(
  services: Services,
  run: RunInHand,
  shard: RunShard,
  { signal, abort }: { signal: AbortSignal; abort: () => void },
): Promise<void> {
  const { prisma, metrics, log } = services;
  if (shard.attempts > MAX_ATTEMPTS) throw tooManyAttempts(shard.attempts - 1);
  await writeRunProgress(prisma, shard);
  if (shard.kind === "REPORT") {
    const current = await prisma.run.findUniqueOrThrow({ where: { id: run.id } });
    if (await finishRun(services, { ...run, ...current }, shard)) {
      metrics.runEnded("SUCCEEDED", (Date.now() - current.startedAt!.getTime()) / 1000);
      log.info("run finished");
    }
    return;
  }
  const progress = shardProgress(services, shard, abort);
  try {
    const outcome = await computeShard(services, run, shard, { signal, onProgress: progress.report });
    await progress.stop();
    const { more } = await finishShard(services, shard, outcome);
    if (more) await askForHelp(services, run);
  } finally {
    await progress.stop();
  }
}

/** One more ticket, where shards wait that nobody has: whoever takes it asks for the next. */
async function askForHelp({ prisma, queue, bus }: Services, run: RunInHand): Promise<void> {
  if ((await prisma.runShard.count({ where: { runId: run.id, status: "WAITING" } })) === 0) return;
  const current = await prisma.run.findUnique({ where: { id: run.id }, include: { model: true } });
  if (!current) return;
  await queue.add(queuedRun(current), prisma, { helper: true });
  bus.publish({ runId: run.id, kind: "help" });
}

/** This process ends: the run waits for the next one, which does not count it as a failure. */
const handBack = (services: Services, run: RunInHand, ticket: Ticket) => giveBack(services, run, ticket, 0);

/** The run's parts come from another device, or are to: it waits for a worker that has it. */
const leave = (services: Services, run: RunInHand, ticket: Ticket) =>
  giveBack(services, run, ticket, services.worker.device === "auto" ? LEAVE_SECONDS : 0);

async function giveBack(
  { prisma, queue }: Services,
  run: RunInHand,
  ticket: Ticket,
  after: number,
): Promise<void> {
  await prisma.$transaction(async (tx) => {
    await releaseTicket(tx, ticket, { counts: false });
    const others = await tx.runShard.count({ where: { runId: run.id, status: "CLAIMED" } });
    if (others === 0)
      await tx.run.updateMany({ where: { id: run.id, status: "RUNNING" }, data: { status: "QUEUED" } });
    const current = await tx.run.findUnique({ where: { id: run.id }, include: { model: true } });
    if (current) await queue.add(queuedRun(current), tx, { after });
  });
}

/** Ends the run, unless the reason may pass: then the ticket comes back after a while. */
async function failed(
  { prisma, metrics, log }: Services,
  run: RunInHand,
  ticket: Ticket,
  error: unknown,
): Promise<void> {
  const failure = failureOf(error);
  if (isPassing(error)) {
    log.warn({ failure }, "run is tried again");
    await releaseTicket(prisma, ticket, { counts: false });
    await prisma.run.updateMany({
      where: { id: run.id, status: "RUNNING" },
      data: { message: storable(`waits, and is tried again: ${failure.message}`) },
    });
    throw new Error(failure.message);
  }
  if (!(await failRun(prisma, run.id, failure))) return;
  if (blamesModel(failure)) await storeNotOpened(prisma, run.modelId, failure);
  metrics.runEnded("FAILED", (Date.now() - run.startedAt!.getTime()) / 1000);
  log.info({ failure }, "run failed");
}

/** Nobody else comes to this store: the run would wait for ever. */
const noSuchDevice = (asked: Device, own: Device) =>
  new ApiError(
    "DEVICE_UNUSABLE",
    `run: it was asked for on ${asked}, and this server computes it on ${own} (start it with RECALLSCOPE_DEVICE=${asked}, or create the run again for any device)`,
  );

const tooManyAttempts = (attempts: number) =>
  new ApiError(
    "RUN_INTERRUPTED",
    `run: the process ended ${attempts} times while the same part of it was computed (too little memory for this model?); create it again with force to try once more`,
  );
