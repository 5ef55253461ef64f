import type { ErrorCode } from "../errors.ts";
import type { StudyReport } from "../results/study.ts";
import { furtherColumns, furtherEvidence, interceptEvidence } from "./further-evidence.ts";
import { headOverlap } from "./head-overlap.ts";
import { mechanismRow } from "./mechanism-table.ts";
import { taskSimilarity } from "./task-similarity.ts";

/** What makes a task unanswerable for a model without making the study wrong. */
export const SKIPPED_CODES: readonly ErrorCode[] = ["NO_KNOWN_FACTS", "BAD_TASK"];

/**
 * What the reports of several tasks show beside each other.
 * @param analyses those across tasks: they need more of the runs than their reports
 */
export function assembleStudy({
  runs,
  skipped,
  analyses = {},
}: Pick<StudyReport, "runs" | "skipped"> & Partial<Pick<StudyReport, "analyses">>): StudyReport {
  return {
    runs,
    skipped,
    table: runs.map((run) =>
      mechanismRow(run, {
        evidence: [...furtherEvidence(run), ...interceptEvidence(run, analyses["intercept-tests"])],
        more: furtherColumns(run),
      }),
    ),
    similarity: runs.length < 2 ? null : taskSimilarity(runs),
    overlaps: runs.flatMap((a, i) =>
      runs.slice(i + 1).map((b) => ({
        a: a.receipt.taskId,
        b: b.receipt.taskId,
        overlap: headOverlap(a, b),
      })),
    ),
    analyses,
  };
}
