import type { ErrorCode } from "../errors.ts";
import type { RunReport } from "../results/report.ts";
import type { RunProgress } from "../runner/progress.ts";

export const METHODS = [
  "inspect",
  "run",
  "plan",
  "shard",
  "preview",
  "known",
  "study",
  "activations",
  "sweep",
  "estimateSweep",
  "estimateRun",
  "intervene",
  "live",
] as const;
export type Method = (typeof METHODS)[number];

/** What the caller's thread and the engine's thread say to each other. */
export type Request = { id: number; method: Method; params: unknown } | { id: number; abort: true };
export type Response =
  | { id: number; progress: RunProgress }
  /** A run of a study that is not done yet. */
  | { id: number; run: RunReport }
  | { id: number; result: unknown }
  | { id: number; error: { code: ErrorCode; message: string; stack?: string } };
