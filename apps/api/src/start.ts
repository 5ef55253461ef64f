import { createAccess } from "./access/access.ts";
import { newSecret } from "./access/tokens.ts";
import { serve } from "./http/server.ts";
import { openWeb } from "./http/web.ts";
import { inspectBundled } from "./models/inspect-model.ts";
import { type Closers, type OpenOptions, openServices, startWork } from "./open-services.ts";
import { seedRuns } from "./runs/seed-runs.ts";
import { UNFINISHED } from "./runs/unfinished.ts";
import type { Services } from "./services.ts";

export interface StartOptions extends OpenOptions {
  /** Queue first runs when the store has none, and open the bundled models. */
  firstRuns?: boolean;
}

export interface Platform {
  url: string;
  services: Services;
  stop(): Promise<void>;
}

/** Opens the store, starts to work on runs, and serves. What was opened is closed again when a step fails. */
export const start = (options: StartOptions): Promise<Platform> =>
  opening(options, async (closers, stopping) => {
    const { config, onStep = () => {} } = options;
    const { services, database, bundled } = await openServices(options, stopping, closers);
    const { prisma } = services;
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
    if (config.worker.enabled) await startWork(services, database, options, closers);
    else onStep("  it computes no runs itself (RECALLSCOPE_WORKER=off): start workers with npm run worker");

    if (options.firstRuns) {
      const seeded = await seedRuns(services);
      if (seeded > 0) onStep(`queued ${seeded} first runs`);
      void inspectIdle(services, bundled).catch((error: unknown) =>
        services.log.warn({ error }, "opening bundled models"),
      );
    }
    return { url: http.url, services };
  });

/** Opens the store and works on runs, serving nothing. */
export const startWorker = (options: OpenOptions): Promise<{ services: Services; stop(): Promise<void> }> =>
  opening(options, async (closers, stopping) => {
    const { services, database } = await openServices(options, stopping, closers);
    options.onStep?.("starting the worker");
    await startWork(services, database, options, closers);
    return { services };
  });

/** Does the work of a start; everything it opened is closed by `stop`, and when it fails. */
async function opening<Opened>(
  { log }: OpenOptions,
  work: (closers: Closers, stopping: AbortSignal) => Promise<Opened>,
): Promise<Opened & { stop(): Promise<void> }> {
  const closers: Closers = [];
  const stopping = new AbortController();
  let done: Promise<void> | undefined;
  const stop = () => {
    done ??= (async () => {
      stopping.abort();
      for (const close of closers.reverse())
        await close().catch((error: unknown) => log.warn({ error }, "stopping"));
    })();
    return done;
  };
  try {
    return { ...(await work(closers, stopping.signal)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Opens the bundled models that no run is about to open anyway. */
async function inspectIdle(services: Services, names: readonly string[]): Promise<void> {
  const busy = await services.prisma.model.findMany({
    where: { runs: { some: { status: { in: UNFINISHED } } } },
    select: { name: true },
  });
  await inspectBundled(
    services,
    names.filter((name) => !busy.some((model) => model.name === name)),
  );
}
