/** A line to a side's standard input; it answers each with one line of JSON on its standard output. */
export type Request =
  /** Reads the job and makes everything ready. */
  | { command: "prepare"; job: string; variant: string }
  | { command: "warm-up" }
  /** One timed execution. */
  | { command: "run" }
  /** Writes the last run's numbers as float32 files `PREFIX.NAME.f32`. */
  | { command: "write"; prefix: string }
  | { command: "close" };

export interface Ready {
  versions: Record<string, string>;
}

export interface Ran {
  /** What is done once, in milliseconds. */
  fixedMs: number;
  /** What grows with the cells of the job. */
  loopMs: number;
  /** Highest resident memory since the job was made ready, in MB. */
  peakMb: number | null;
  /** The same since the process started, opening the model included. */
  peakProcessMb: number | null;
}

export interface Written {
  names: string[];
}

export type Answer = ({ ok: true } & Partial<Ready & Ran & Written>) | { ok: false; error: string };
