import {
  ENGINE_VERSION,
  furtherColumns,
  furtherEvidence,
  type MechanismRow,
  mechanismRow,
  type Resampler,
  type RunReport,
} from "@recallscope/engine";
import type { Prisma } from "../generated/prisma/client.ts";
import { asJson, fromJson } from "./json.ts";

/** Raised when the same report gives another row than before. */
const FORM = 1;
const MADE_BY = `${ENGINE_VERSION} ${FORM}`;

/** A run's row of the mechanism table. Its intervals take longer to draw than anyone waits for a page, and never change. */
interface StoredRow {
  madeBy: string;
  row: MechanismRow;
}

/** The row with the evidence of the run's further analyses. @param resampler draws of other rows, to be used again */
export const makeRow = (report: RunReport, resampler?: Resampler): StoredRow => ({
  madeBy: MADE_BY,
  row: mechanismRow(report, {
    evidence: furtherEvidence(report),
    more: furtherColumns(report),
    ...(resampler && { resampler }),
  }),
});

/** The same for a column: null of a report that another version made so that it has none. A run is not lost for that, and comparing it says why. */
export function rowColumn(report: RunReport): { mechanism?: Prisma.InputJsonValue } {
  try {
    return { mechanism: asJson(makeRow(report)) };
  } catch {
    return {};
  }
}

/** The row out of a column; null where none was stored, or one of another version. */
export function rowOf(column: unknown): MechanismRow | null {
  const stored = fromJson<StoredRow | null>(column);
  return stored?.madeBy === MADE_BY ? stored.row : null;
}
