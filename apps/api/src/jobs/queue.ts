import { setTimeout as pause } from "node:timers/promises";
import { DEVICES, type Device, type DeviceChoice } from "@recallscope/engine";
import { fromPglite, fromPrisma, type Job, PgBoss } from "pg-boss";
import type { Logger } from "pino";
import type { Database } from "../database/open-database.ts";
import type { RunPriority } from "../generated/prisma/client.ts";
import type { Tx } from "../services.ts";
import { classesWithin, MEMORY_CLASSES, type MemoryClass, memoryClass } from "./memory-class.ts";

/** Leave to work on a run, until none of its shards waits. */
export interface Ticket {
  runId: string;
  /** Of the job and this attempt of it, `JOB#ATTEMPT`. */
  id: string;
}

export interface QueuedRun {
  id: string;
  priority: RunPriority;
  /** Bytes that a worker needs; null: not known yet. */
  memory: number | null;
  /** What its parts come from: only workers with that device are brought to it; null: with any. */
  device: Device | null;
  /** Only workers that have products in float16 are brought to it. */
  float16: boolean;
}

export interface QueueCounts {
  /** Tickets that no worker has taken yet. */
  waiting: number;
  active: number;
  /** Tickets given up after all retries, not looked at yet. */
  dead: number;
  /** The same tickets by the priority of their runs, the highest first. */
  byPriority: { priority: RunPriority; waiting: number; active: number }[];
}

/** Tickets by which workers come to runs: pg-boss on the store's own database, so that a run and its ticket are written in one transaction. */
export interface RunQueue {
  /** Whether this process is the only one that works on this store. */
  alone: boolean;
  /**
   * Adds a ticket, as part of `tx`.
   * @param helper asks for one more worker on a run that has one: any run nobody works on goes before; an embedded store has no other
   * @param after seconds during which nobody takes it
   */
  add(run: QueuedRun, tx: Tx, options?: { helper?: boolean; after?: number }): Promise<void>;
  /** Lets a waiting worker look at once; call it after the transaction. */
  wake(): void;
  /** Whether a ticket of this run waits or is being worked on. */
  has(run: QueuedRun): Promise<boolean>;
  /** Removes the tickets of a run that no worker has. */
  drop(run: QueuedRun): Promise<void>;
  /** Removes all tickets: only where no other process can be working on one. */
  clear(): Promise<void>;
  counts(): Promise<QueueCounts>;
  /**
   * Starts to take tickets, one at a time.
   * @param handle a rejected promise gives the ticket back, for any worker after a while
   * @param giveUp is told of a run whose ticket was given back too often
   */
  work(options: WorkOptions): void;
  /** Whether this process looks for runs or works on one; true where it was not asked to. */
  isAlive(): boolean;
  stop(): Promise<void>;
}

export interface WorkOptions {
  /** Bytes that a run may need; null: any number. */
  memory: number | null;
  /** What this worker computes on; with `auto` it may be any. */
  device: DeviceChoice;
  /** Whether it has products in float16, as far as it is known. */
  hasFloat16: () => boolean;
  handle: (ticket: Ticket) => Promise<void>;
  giveUp: (runId: string, lastError: string | null) => Promise<void>;
}

interface TicketData {
  runId: string;
}
/** The attempt that a worker holds, as pg-boss wants to have it named. */
interface Held {
  id: string;
  retryCount: number;
}

const DEAD = "run-dead";
const queueName = (size: MemoryClass): string => `run-${size}g`;

const PRIORITIES = { LOW: 0, NORMAL: 100, HIGH: 200 } as const satisfies Record<RunPriority, number>;
const HELPER = -50;

/** Longest time one ticket may be worked on. */
const EXPIRE_SECONDS = 23 * 3600;
/** A worker of another process that says nothing for so long is gone: the least that pg-boss allows. */
const HEARTBEAT_SECONDS = 10;
const TOUCH_MS = 3_000;
/** Where tickets come from this process alone it is woken; elsewhere by the bus, and this is for what got lost. */
const POLL_MS = 2_000;
/** A worker that has not asked the database for so long is stuck, or cannot reach it. */
const SILENT_MS = 60_000;
const STOP_MS = 8_000;

export async function startQueue({ connection }: Database, log: Logger): Promise<RunQueue> {
  const embedded = connection.kind === "embedded";
  const boss = new PgBoss({
    schema: "pgboss",
    schedule: false,
    registerInstance: false,
    reindex: false,
    monitorVacuum: false,
    superviseIntervalSeconds: embedded ? 60 : 3,
    monitorIntervalSeconds: embedded ? 60 : 3,
    ...(connection.kind === "embedded"
      ? { db: fromPglite(connection.pglite), backend: "pglite" as const }
      : { connectionString: connection.url, max: 4 }),
  });
  boss.on("error", ({ message }) => log.error(`job queue: ${message}`));
  await boss.start();
  await makeQueues(boss, embedded);

  let wakeUp = new AbortController();
  let stopped = false;
  let lastAsked: number | null = null;
  let busy: Promise<void> | null = null;
  const wake = () => {
    const before = wakeUp;
    wakeUp = new AbortController();
    before.abort();
  };
  // An embedded store has one worker, which takes everything: sizes would only be more queues to look into.
  const queueOf = ({ memory }: QueuedRun) => queueName(embedded ? MEMORY_CLASSES[0] : memoryClass(memory));
  const ticketsOf = (run: QueuedRun) => boss.findJobs(queueOf(run), { data: { runId: run.id } });
  const isQueued = async (run: QueuedRun) =>
    (await ticketsOf(run)).some(({ state }) => state === "active" || isWaiting(state));

  const loop = async ({ memory, device, hasFloat16, handle, giveUp }: WorkOptions) => {
    const names = (embedded ? [MEMORY_CLASSES[0]] : classesWithin(memory)).map(queueName);
    while (!stopped) {
      const woken = wakeUp.signal;
      try {
        lastAsked = Date.now();
        for (const dead of await boss.fetch<TicketData>(DEAD, { includeMetadata: true })) {
          await giveUp(dead.data.runId, messageOf(dead.sourceOutput));
          await boss.complete(DEAD, heldBy(dead));
        }
        // What is left to nobody else is left to this worker, whatever it computes on.
        const others = embedded ? [] : groupsOfOthers(device, hasFloat16());
        const job = await nextJob(boss, names, others);
        if (job && !stopped) {
          busy = workOn(boss, job, handle, embedded, log);
          await busy;
          busy = null;
          continue;
        }
      } catch (error) {
        log.warn({ error }, "job queue: cannot be asked; trying again");
      }
      if (!stopped) await pause(POLL_MS, undefined, { signal: woken, ref: false }).catch(() => {});
    }
  };

  return {
    alone: embedded,
    add: async (run, tx, { helper = false, after = 0 } = {}) => {
      if (helper && embedded) return;
      await boss.send(queueOf(run), { runId: run.id } satisfies TicketData, {
        db: fromPrisma(tx),
        priority: PRIORITIES[run.priority] + (helper ? HELPER : 0),
        ...(after > 0 && { startAfter: after }),
        ...groupOf(run),
      });
    },
    wake,
    has: isQueued,
    drop: async (run) => {
      const waiting = (await ticketsOf(run)).filter(({ state }) => isWaiting(state));
      if (waiting.length > 0)
        await boss.deleteJob(
          queueOf(run),
          waiting.map(({ id }) => id),
        );
    },
    clear: async () => void (await boss.deleteAllJobs()),
    counts: async () => {
      const [row] = (
        await boss.getDb().executeSql(
          `select count(*) filter (where name <> $1 and state < 'active') as waiting,
            count(*) filter (where name <> $1 and state = 'active') as active,
            count(*) filter (where name = $1 and state < 'completed') as dead from pgboss.job`,
          [DEAD],
        )
      ).rows as Record<"waiting" | "active" | "dead", string>[];
      return {
        waiting: Number(row!.waiting),
        active: Number(row!.active),
        dead: Number(row!.dead),
        byPriority: await countByPriority(boss),
      };
    },
    work: (options) => void loop(options),
    isAlive: () => lastAsked === null || busy !== null || Date.now() - lastAsked < SILENT_MS,
    stop: async () => {
      stopped = true;
      wake();
      await Promise.race([busy, pause(STOP_MS, undefined, { ref: false })]);
      await boss.stop({ graceful: false });
    },
  };
}

async function countByPriority(boss: PgBoss): Promise<QueueCounts["byPriority"]> {
  const { rows } = await boss.getDb().executeSql(
    `select priority, count(*) filter (where state < 'active') as waiting, count(*) filter (where state = 'active') as active
      from pgboss.job where name <> $1 and state <= 'active' group by priority`,
    [DEAD],
  );
  const counts = rows as { priority: number; waiting: string; active: string }[];
  return (["HIGH", "NORMAL", "LOW"] as const).map((priority) => {
    const own = counts.filter((row) => [0, HELPER].includes(row.priority - PRIORITIES[priority]));
    const sum = (state: "waiting" | "active") => own.reduce((all, row) => all + Number(row[state]), 0);
    return { priority, waiting: sum("waiting"), active: sum("active") };
  });
}

async function makeQueues(boss: PgBoss, embedded: boolean): Promise<void> {
  const options = {
    retryLimit: 20,
    retryDelay: 2,
    retryBackoff: true,
    retryDelayMax: 300,
    expireInSeconds: EXPIRE_SECONDS,
    deadLetter: DEAD,
    // An embedded database has one worker: after a laptop's sleep its own silence must not count against it.
    ...(!embedded && { heartbeatSeconds: HEARTBEAT_SECONDS }),
  };
  const names = [...MEMORY_CLASSES.map(queueName), DEAD];
  const there = new Set((await boss.getQueues(names)).map(({ name }) => name));
  if (!there.has(DEAD)) await boss.createQueue(DEAD, {});
  for (const name of MEMORY_CLASSES.map(queueName))
    if (there.has(name)) await boss.updateQueue(name, options);
    else await boss.createQueue(name, options);
}

const isWaiting = (state: string) => state === "created" || state === "retry";

/** What a worker must have for a run's tickets. */
const groupName = (device: Device | null, float16: boolean): string =>
  [device, float16 && "float16"].filter(Boolean).join(" ");

function groupOf({ device, float16 }: QueuedRun): { group?: { id: string } } {
  const id = groupName(device, float16);
  return id === "" ? {} : { group: { id } };
}

function groupsOfOthers(own: DeviceChoice, hasFloat16: boolean): string[] {
  const others: string[] = [];
  for (const device of [null, ...DEVICES])
    for (const float16 of [false, true]) {
      const isOwn = device === null || own === "auto" || device === own;
      if (!isOwn || (float16 && !hasFloat16)) others.push(groupName(device, float16));
    }
  return others;
}

/** @param others groups whose tickets are left to other workers */
async function nextJob(
  boss: PgBoss,
  names: readonly string[],
  others: string[],
): Promise<Job<TicketData> | null> {
  for (const name of names) {
    const [job] = await boss.fetch<TicketData>(name, { ignoreGroups: others });
    if (job) return job;
  }
  return null;
}

async function workOn(
  boss: PgBoss,
  job: Job<TicketData>,
  handle: WorkOptions["handle"],
  embedded: boolean,
  log: Logger,
): Promise<void> {
  const held = heldBy(job);
  const touching = embedded
    ? null
    : setInterval(() => {
        boss.touch(job.name, held).then(
          () => {},
          (error: unknown) => log.warn({ error }, "job queue: heartbeat was not written"),
        );
      }, TOUCH_MS);
  try {
    await handle({ runId: job.data.runId, id: `${job.id}#${job.retryCount}` });
    await boss.complete(job.name, held);
  } catch (error) {
    // A ticket that cannot be given back falls back by its silence.
    await boss.fail(job.name, held, { message: error instanceof Error ? error.message : String(error) });
  } finally {
    if (touching) clearInterval(touching);
  }
}

const heldBy = ({ id, retryCount = 0 }: { id: string; retryCount?: number }): Held => ({ id, retryCount });

const messageOf = (output: object | null): string | null => {
  const message = (output as { message?: unknown } | null)?.message;
  return typeof message === "string" ? message : null;
};
