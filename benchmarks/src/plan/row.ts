import type { Algorithm } from "../flops.ts";
import type { Job } from "../job.ts";
import type { SideName } from "../runner/sides.ts";

/** What a row of the targets asks for. */
export type Target =
  /** At least this many times as fast as a peer: the fastest when none is named. */
  | { kind: "times-faster"; atLeast: number; than?: SideName }
  | { kind: "memory-mb"; atMost: number }
  | { kind: "share-of-peak"; atLeast: number }
  /** At least this many times as fast as another row of ours. */
  | { kind: "faster-than-row"; atLeast: number; row: string };

/** One side's part of a row. */
export interface Entry {
  side: SideName;
  job: Job;
  algorithm: Algorithm;
  /** The loop's time is multiplied by this: 1 where everything is run. */
  scale: number;
  /** What is run where that is not everything. */
  part?: string;
}

export interface Row {
  id: string;
  title: string;
  /** Sizes and tokens. */
  what: string;
  targets: Target[];
  /** The first entry is ours. */
  entries: Entry[];
  /** The whole job, to count its operations. */
  whole: Job;
  /** Rows of one series stand in one table of growth. */
  series?: { name: "pairs" | "prompt length" | "layers"; value: number };
}
