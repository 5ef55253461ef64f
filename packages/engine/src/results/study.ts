import type { RunReport } from "./report.ts";

/** Reports of the analyses across tasks, by id. */
// biome-ignore lint/suspicious/noEmptyInterface: analyses register their report here
export interface StudyReports {}

/** Several tasks measured on one model with the same settings, and what only their comparison shows. */
export interface StudyReport {
  runs: RunReport[];
  /** Tasks without a run, and why: the model knows none of the facts, or the tokenizer admits too few. */
  skipped: { taskId: string; reason: string }[];
  /** Empty with fewer than two runs. */
  analyses: Partial<StudyReports>;
}
