import type { HeadOverlap, MechanismRow, TaskSimilarity } from "./comparison.ts";
import type { InterceptTestsReport } from "./intercept-tests.ts";
import type { RunReport } from "./report.ts";

/** Reports of the analyses across tasks, by id. */
export interface StudyReports {
  "intercept-tests": InterceptTestsReport;
}

/** Several tasks measured on one model with the same settings, and what only their comparison shows. */
export interface StudyReport {
  runs: RunReport[];
  /** Tasks without a run, and why: the model knows none of the facts, or the tokenizer admits too few. */
  skipped: { taskId: string; reason: string }[];
  /** One row per run: key numbers, and present / absent / inconclusive for each step, with the evidence. */
  table: MechanismRow[];
  /** Head effects of every two tasks correlated; null with fewer than two runs. */
  similarity: TaskSimilarity | null;
  /** Heads that every two tasks share at the top. */
  overlaps: { a: string; b: string; overlap: HeadOverlap }[];
  /** Empty with fewer than two runs, and where there is nothing of the runs but their reports. */
  analyses: Partial<StudyReports>;
}
