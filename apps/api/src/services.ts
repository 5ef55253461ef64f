import type { EngineClient } from "@recallscope/engine";
import type { Logger } from "pino";
import type { WorkerConfig } from "./env.ts";
import type { Prisma, PrismaClient } from "./generated/prisma/client.ts";
import type { StoreBus } from "./jobs/bus.ts";
import type { RunQueue } from "./jobs/queue.ts";
import type { LiveEngine } from "./live/live-engine.ts";
import type { Metrics } from "./metrics.ts";
import type { Openings } from "./models/openings.ts";
import type { FoundSoFar } from "./shards/found-so-far.ts";

/** The store, or a transaction on it. */
export type Tx = PrismaClient | Prisma.TransactionClient;

/** Several engines, so that looking at a model or at prompts need not wait until a run has finished. */
export interface Engines {
  runs: EngineClient;
  interactive: EngineClient;
  /** Keeps the model of the last live question open. */
  live: EngineClient;
}

/** What the verbs of the platform work with. */
export interface Services {
  prisma: PrismaClient;
  bus: StoreBus;
  queue: RunQueue;
  engines: Engines;
  /** What is known of models that this process is opening. */
  openings: Openings;
  /** What unfinished runs found so far. */
  foundSoFar: FoundSoFar;
  live: LiveEngine;
  modelsFolder: string;
  /** Folders that hold the models which may be opened by path; null: any folder of this machine. */
  modelFolders: readonly string[] | null;
  worker: Pick<WorkerConfig, "name" | "device">;
  log: Logger;
  metrics: Metrics;
  /** Aborted when the process is about to end. */
  stopping: AbortSignal;
}
