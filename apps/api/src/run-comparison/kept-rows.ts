import type { MechanismRow } from "@recallscope/engine";
import QuickLRU from "quick-lru";

/** Rows are small, and what they are computed from is large: a team looks at the same runs again and again. */
const MOST_ROWS = 2000;

/** By id of the run: what is stored of a finished run never changes. */
const rows = new QuickLRU<string, Promise<MechanismRow>>({ maxSize: MOST_ROWS });

/** A finished run's row, computed once for all comparisons of this process. @param make reads and computes it */
export function keptRow(run: string, make: () => Promise<MechanismRow>): Promise<MechanismRow> {
  const kept = rows.get(run);
  if (kept) return kept;
  const made = make();
  rows.set(run, made);
  made.catch(() => rows.delete(run));
  return made;
}
