import type { Machine } from "../machine.ts";
import type { Row, Target } from "../plan/row.ts";
import type { SideKind, SideName } from "../runner/sides.ts";

export const SCHEMA = 1;

/** What `bench:peers --json` writes. Times are milliseconds of the whole job: where a part was run, its loop's time was multiplied up. */
export interface BenchReport {
  schema: typeof SCHEMA;
  /** ISO 8601, UTC */
  date: string;
  /** Sizes for trying the benchmark: no number means anything. */
  quick: boolean;
  threads: number;
  rounds: number;
  machine: Machine;
  versions: Record<string, string>;
  /** Best GFLOP/s of one large square product of float32, by runtime. */
  peak: { size: number; gflops: Partial<Record<string, number>> };
  rows: RowReport[];
}

export interface RowReport extends Pick<Row, "id" | "title" | "what" | "series"> {
  sides: SideReport[];
  /** Ours against the fastest of a kind of peers; empty where there is none. */
  ratios: Ratio[];
  verdicts: Verdict[];
}

export interface SideReport {
  side: SideName;
  label: string;
  kind: SideKind;
  /** What was run where that was not everything. */
  part: string | null;
  /** One per round. */
  ms: number[];
  medianMs: number;
  minMs: number;
  /** Highest resident memory while the job ran, and since the process started. */
  peakMb: number | null;
  peakProcessMb: number | null;
  /** Operations of the whole job the way this side goes about it, 10^9. */
  gflop: number | null;
  /** Of the median. */
  gflopPerSecond: number | null;
  /** Against ours. */
  agreement: Agreement | null;
}

export interface Agreement {
  /** Numbers compared. */
  compared: number;
  /** Largest absolute difference. */
  largest: number;
  /** Largest absolute number. */
  scale: number;
  tolerance: number;
}

export interface Ratio {
  against: SideKind;
  side: SideName;
  label: string;
  /** Their median time by ours. */
  times: number;
}

export interface Verdict {
  target: Target;
  /** In the target's words. */
  asked: string;
  /** null where nothing was measured that could tell. */
  value: number | null;
  met: boolean | null;
}
