import { setTimeout as pause } from "node:timers/promises";
import { bundledModels } from "@recallscope/engine";
import type { Logger } from "pino";
import { createAccess } from "./access/access.ts";
import { newSecret } from "./access/tokens.ts";
import { type Database, openDatabase } from "./database/open-database.ts";
import type { Config } from "./env.ts";
import { serve } from "./http/server.ts";
import { openWeb } from "./http/web.ts";
import { createLocalBus } from "./jobs/bus.ts";
import { createPostgresBus } from "./jobs/postgres-bus.ts";
import { startQueue } from "./jobs/queue.ts";
import { createMetrics } from "./metrics.ts";
import { inspectBundled } from "./models/inspect-model.ts";
import { storeModel } from "./models/store-model.ts";
import { executeRun } from "./runs/execute-run.ts";
import { recoverRuns } from "./runs/recover-runs.ts";
import { seedRuns } from "./runs/seed-runs.ts";
import type { Engines, Services } from "./services.ts";
import { loadTasks } from "./tasks/load-tasks.ts";

export interface StartOptions {
  config: Config;
  engines: Engines;
  log: Logger;
  /** Is told each step as it begins. */
  onStep?: (line: string) => void;
  /** Another store than the one of `config`; it is closed at the end, too. */
  database?: Database;
  /** Queue first runs when the store has none, and open the bundled models. */
  firstRuns?: boolean;
}

export interface Platform {
  url: string;
  services: Services;
  stop(): Promise<void>;
}

/** How long a run that is being computed may take to notice that the process ends. */
const ENGINE_GRACE_MS = 1_500;

/** Opens the store, starts to work on runs, and serves. What was opened is closed again when a step fails. */
export async function start({
  config,
  engines,
  log,
  onStep = () => {},
  ...options
}: StartOptions): Promise<Platform> {
  const closers: (() => Promise<unknown>)[] = [];
  const stopping = new AbortController();
  const stop = once(async () => {
    stopping.abort();
    for (const close of closers.reverse())
      await close().catch((error: unknown) => log.warn({ error }, "stopping"));
  });
  try {
    const database = options.database ?? (await openDatabase({ ...config, onStep }));
    closers.push(() => database.close());
    const { prisma, connection } = database;
    onStep("reading models and tasks");
    for (const problem of await loadTasks(prisma, config.tasksFolder)) onStep(`  left out: ${problem}`);
    const bundled = await bundledModels(config.modelsFolder);
    for (const name of bundled) await storeModel(prisma, { name, source: "BUNDLED" });

    onStep("starting the worker");
    const embedded = connection.kind === "embedded";
    const bus = embedded ? createLocalBus() : await createPostgresBus(connection.url, connection.pool, log);
    closers.push(() => bus.close());
    const queue = await startQueue(database, log);
    closers.push(async () => {
      const stopped = queue.stop();
      await Promise.race([stopped, pause(ENGINE_GRACE_MS, undefined, { ref: false })]);
      await Promise.all([engines.runs.close(), engines.interactive.close()]);
      await stopped;
    });
    const { modelsFolder, modelFolders } = config;
    const services: Services = {
      prisma,
      bus,
      queue,
      engines,
      modelsFolder,
      modelFolders,
      log,
      metrics: createMetrics(prisma),
      stopping: stopping.signal,
    };
    const interrupted = await recoverRuns(services, embedded);
    if (interrupted > 0)
      onStep(`  ${interrupted} unfinished ${interrupted === 1 ? "run" : "runs"} queued again`);

    onStep("opening the dashboard");
    const web = await openWeb(config.webFolder, config);
    if (web) closers.push(() => web.close());
    else onStep("  it has not been built (npm run build); serving GraphQL only");
    const ownerKey = newSecret();
    const access = createAccess({
      prisma,
      required: config.tokensRequired,
      perMinute: config.requestsPerMinute,
      ownerKey,
    });
    if (access.required && (await prisma.accessToken.count()) === 0)
      onStep("  nobody has a token yet: npx recallscope token create --role admin --name NAME");
    const http = await serve(services, access, config, web);
    closers.push(() => http.stop());
    await database.publish(http.url, ownerKey);
    await queue.work((runId) => executeRun(services, runId));

    if (options.firstRuns) {
      const seeded = await seedRuns(services);
      if (seeded > 0) onStep(`queued ${seeded} first runs`);
      void inspectIdle(services, bundled).catch((error: unknown) =>
        log.warn({ error }, "opening bundled models"),
      );
    }
    return { url: http.url, services, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Opens the bundled models that no run is about to open anyway. */
async function inspectIdle(services: Services, names: readonly string[]): Promise<void> {
  const busy = await services.prisma.model.findMany({
    where: { runs: { some: { status: { in: ["QUEUED", "RUNNING"] } } } },
    select: { name: true },
  });
  await inspectBundled(
    services,
    names.filter((name) => !busy.some((model) => model.name === name)),
  );
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
