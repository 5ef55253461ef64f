import { fromPglite, fromPrisma, PgBoss } from "pg-boss";
import type { Logger } from "pino";
import type { Database } from "../database/open-database.ts";
import type { Tx } from "../services.ts";

const QUEUE = "run";
/** Longest time one attempt may take. */
const EXPIRE_SECONDS = 23 * 3600;

/** One job per run: pg-boss on the store's own database, so that a run and its job are written in one transaction. */
export interface RunQueue {
  /** Adds a run, as part of `tx`. */
  add(runId: string, tx: Tx): Promise<void>;
  /** Lets a waiting worker look at once; call it after the transaction. */
  wake(): void;
  /** Whether a job of this run waits or is being worked on. */
  has(runId: string): Promise<boolean>;
  /** Removes all jobs: only where no other process can be working on one. */
  clear(): Promise<void>;
  /** Starts to work on runs, one at a time. A rejected promise gives the run to the next worker. */
  work(handle: (runId: string) => Promise<void>): Promise<void>;
  /** Whether this process looks for runs, or works on one. */
  isAlive(): boolean;
  stop(): Promise<void>;
}

/** A worker that has not asked the database for so long is stuck, or cannot reach it. */
const SILENT_MS = 60_000;

export async function startQueue({ connection }: Database, log: Logger): Promise<RunQueue> {
  const embedded = connection.kind === "embedded";
  const boss = new PgBoss({
    schema: "pgboss",
    schedule: false,
    registerInstance: false,
    reindex: false,
    monitorVacuum: false,
    ...(connection.kind === "embedded"
      ? { db: fromPglite(connection.pglite), backend: "pglite" as const }
      : {
          connectionString: connection.url,
          max: 4,
          superviseIntervalSeconds: 10,
          monitorIntervalSeconds: 10,
        }),
  });
  boss.on("error", ({ message }) => log.error(`job queue: ${message}`));
  await boss.start();
  const options = {
    retryLimit: 20,
    retryDelay: 1,
    expireInSeconds: EXPIRE_SECONDS,
    // A worker of another process that is silent for so long is gone. An embedded database has one worker: after a
    // laptop's sleep its own silence must not count against it.
    ...(!embedded && { heartbeatSeconds: 30 }),
  };
  if (await boss.getQueue(QUEUE)) await boss.updateQueue(QUEUE, options);
  // Last, because it also fills the cache: a look-up of the queue inside a caller's transaction would wait for that transaction.
  await boss.createQueue(QUEUE, options);
  let worker: string | null = null;
  return {
    add: async (runId, tx) => void (await boss.send(QUEUE, { runId }, { db: fromPrisma(tx) })),
    wake: () => {
      if (worker !== null) boss.notifyWorker(worker);
    },
    has: async (runId) => {
      const jobs = await boss.findJobs(QUEUE, { data: { runId } });
      return jobs.some(({ state }) => state === "created" || state === "retry" || state === "active");
    },
    clear: async () => void (await boss.deleteAllJobs(QUEUE)),
    work: async (handle) => {
      worker = await boss.work<{ runId: string }>(
        QUEUE,
        { pollingIntervalSeconds: embedded ? 0.5 : 2, batchSize: 1 },
        async ([job]) => {
          if (job) await handle(job.data.runId);
        },
      );
    },
    isAlive: () =>
      boss
        .getWipData()
        .some(
          ({ count, createdOn, lastFetchedOn }) =>
            count > 0 || Date.now() - (lastFetchedOn ?? createdOn) < SILENT_MS,
        ),
    stop: () => boss.stop({ graceful: true, timeout: 8_000 }),
  };
}
