import { setTimeout as pause } from "node:timers/promises";
import { bundledModels, type DeviceChoice, ENGINE_VERSION, hasFloat16 } from "@recallscope/engine";
import type { Logger } from "pino";
import { liveLimits } from "./access/rate-limit.ts";
import { type Database, openDatabase } from "./database/open-database.ts";
import type { Config } from "./env.ts";
import { createLocalBus } from "./jobs/bus.ts";
import { usualMemory } from "./jobs/memory-class.ts";
import { createPostgresBus } from "./jobs/postgres-bus.ts";
import { startQueue } from "./jobs/queue.ts";
import { registerWorker } from "./jobs/worker-registry.ts";
import { createLiveEngine } from "./live/live-engine.ts";
import { createMetrics } from "./metrics.ts";
import { createOpenings } from "./models/openings.ts";
import { storeModel } from "./models/store-model.ts";
import { giveUp } from "./runs/give-up.ts";
import { missingDevices } from "./runs/missing-devices.ts";
import { recoverRuns } from "./runs/recover-runs.ts";
import type { Engines, Services } from "./services.ts";
import { createFoundSoFar } from "./shards/found-so-far.ts";
import { workOnRun } from "./shards/work-on-run.ts";
import { loadTasks } from "./tasks/load-tasks.ts";
import { traced } from "./tracing.ts";

export interface OpenOptions {
  config: Config;
  engines: Engines;
  log: Logger;
  /** Is told each step as it begins. */
  onStep?: (line: string) => void;
  /** Another store than the one of `config`; it is closed at the end, too. */
  database?: Database;
  /** Whether the worker's device has products in float16; default: it is tried. */
  triesFloat16?: (device: DeviceChoice) => Promise<boolean>;
}

/** Things to close, the last one first. */
export type Closers = (() => Promise<unknown>)[];

/** How long a run that is being computed may take to notice that the process ends. */
const ENGINE_GRACE_MS = 1_500;
const RECOVER_MS = 60_000;
/** Trying a device takes a second; where a driver hangs, other runs do not wait for it. */
const TRIAL_MS = 5_000;

/** Opens the store and the queue, and brings models and tasks of this version into it. What was opened is added to `closers`. */
export async function openServices(
  { config, engines, log, onStep = () => {}, ...options }: OpenOptions,
  stopping: AbortSignal,
  closers: Closers,
): Promise<{ services: Services; database: Database; bundled: string[] }> {
  const database = options.database ?? (await openDatabase({ ...config, onStep }));
  closers.push(() => database.close());
  const { prisma, connection } = database;
  onStep("reading models and tasks");
  for (const problem of await loadTasks(prisma, config.tasksFolder)) onStep(`  left out: ${problem}`);
  const bundled = await bundledModels(config.modelsFolder);
  for (const name of bundled) await storeModel(prisma, { name, source: "BUNDLED" });

  const embedded = connection.kind === "embedded";
  const bus = embedded ? createLocalBus() : await createPostgresBus(connection.url, connection.pool, log);
  closers.push(() => bus.close());
  const live = createLiveEngine(config.live ? engines.live : null, liveLimits(config.livePerMinute));
  const queue = await startQueue(database, log);
  closers.push(async () => {
    const stopped = queue.stop();
    await Promise.race([stopped, pause(ENGINE_GRACE_MS, undefined, { ref: false })]);
    await Promise.all([engines.runs.close(), engines.interactive.close(), live.close()]);
    await stopped;
  });
  const { modelsFolder, modelFolders, worker } = config;
  const metrics = createMetrics({ prisma, queue });
  const services: Services = {
    prisma,
    bus,
    queue,
    engines,
    openings: createOpenings(),
    foundSoFar: createFoundSoFar(prisma),
    live,
    modelsFolder,
    modelFolders,
    worker,
    log,
    metrics,
    stopping,
  };
  const interrupted = await recoverRuns(services, embedded);
  if (interrupted > 0)
    onStep(`  ${interrupted} unfinished ${interrupted === 1 ? "run" : "runs"} queued again`);
  return { services, database, bundled };
}

/** Begins to compute runs. */
export async function startWork(
  services: Services,
  { connection }: Pick<Database, "connection">,
  { config: { worker }, triesFloat16 = hasFloat16 }: OpenOptions,
  closers: Closers,
): Promise<void> {
  const { prisma, queue, bus, log } = services;
  const { name, device } = worker;
  // Where no other process could take a run, none is left to others.
  const memory = connection.kind === "embedded" ? null : (worker.memory ?? usualMemory());
  const tried = triesFloat16(device);
  let float16 = await Promise.race([tried, pause(TRIAL_MS, false, { ref: false })]);
  const hasIt = () => float16;
  const info = { name, memory, device, hasFloat16: hasIt, version: ENGINE_VERSION };
  const registry = await registerWorker(prisma, info, log);
  void tried.then((has) => {
    if (has === float16) return;
    float16 = has;
    registry.changed();
    queue.wake();
  });
  closers.push(() => registry.stop());
  const stopListening = bus.listen(({ kind }) => (kind === "status" || kind === "help") && queue.wake());
  closers.push(async () => stopListening());
  if (connection.kind !== "embedded") {
    // A store that was brought back from a backup has runs whose tickets are gone.
    const lookAfter = missingDevices(services);
    const recovering = setInterval(() => {
      recoverRuns(services, false)
        .then(lookAfter)
        .catch((error: unknown) => log.warn({ error }, "looking for lost runs"));
    }, RECOVER_MS).unref();
    closers.push(async () => clearInterval(recovering));
  }
  queue.work({
    memory,
    device,
    hasFloat16: hasIt,
    handle: async (ticket) => {
      registry.worksOn(ticket.runId);
      try {
        await traced("run", { "recallscope.run.id": ticket.runId }, () => workOnRun(services, ticket));
      } finally {
        registry.worksOn(null);
      }
    },
    giveUp: (runId, lastError) => giveUp(services, runId, lastError),
  });
}
