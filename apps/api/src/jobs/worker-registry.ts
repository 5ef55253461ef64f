import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { PrismaClient } from "../generated/prisma/client.ts";

const SAY_MS = 10_000;
/** A worker that has said nothing for so long is gone. */
export const GONE_MS = 3 * SAY_MS;
const FORGET_MS = 24 * 3_600_000;

/** Of the workers that are there now. */
export const isThere = () => ({ seenAt: { gt: new Date(Date.now() - GONE_MS) } });

export interface WorkerInfo {
  name: string;
  device: string;
  /** Whether it has products in float16, as far as it is known. */
  hasFloat16: () => boolean;
  /** Bytes that a run may take; null: any number. */
  memory: number | null;
  version: string;
}

/** Says that this process computes runs, until it is told to stop. */
export interface WorkerRegistry {
  worksOn(runId: string | null): void;
  /** Something of it has changed. */
  changed(): void;
  stop(): Promise<void>;
}

export async function registerWorker(
  prisma: PrismaClient,
  { memory, hasFloat16, ...worker }: WorkerInfo,
  log: Logger,
): Promise<WorkerRegistry> {
  const id = randomUUID();
  let runId: string | null = null;
  let stopped = false;
  let writing: Promise<unknown> = Promise.resolve();
  const say = () => {
    if (stopped) return;
    const row = {
      ...worker,
      float16: hasFloat16(),
      memory: memory === null ? null : BigInt(Math.round(memory)),
      runId,
      seenAt: new Date(),
    };
    writing = writing
      .then(() => prisma.worker.upsert({ where: { id }, create: { id, ...row }, update: row }))
      .catch((error: unknown) => log.warn({ error }, "worker: its sign of life was not written"));
  };
  await prisma.worker.deleteMany({ where: { seenAt: { lt: new Date(Date.now() - FORGET_MS) } } });
  say();
  await writing;
  const timer = setInterval(say, SAY_MS).unref();
  return {
    worksOn: (next) => {
      runId = next;
      say();
    },
    changed: say,
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await writing;
      await prisma.worker.deleteMany({ where: { id } });
    },
  };
}
