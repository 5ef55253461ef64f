import type { AnyFurtherAnalysis, FurtherContext } from "../analyses/further.ts";
import { FURTHER_ANALYSES, type FurtherId } from "../analyses/index.ts";
import type { FurtherReports } from "../results/further.ts";
import type { LabeledArray } from "../results/labeled-array.ts";
import type { RunReport } from "../results/report.ts";

/** What one further analysis adds to a run. Plain data. */
export interface FurtherPart {
  id: FurtherId;
  /** Null where the analysis says nothing of this model. */
  report: object | null;
  arrays: LabeledArray[];
  warnings: string[];
}

/** Runs one further analysis on a run that is otherwise complete; none of them looks at another. */
export async function runFurther(context: FurtherContext, id: FurtherId): Promise<FurtherPart> {
  const analysis: AnyFurtherAnalysis<object> = FURTHER_ANALYSES[id];
  const missing = analysis.lacks?.(context.model) ?? null;
  if (missing)
    return { id, report: null, arrays: [], warnings: [`${analysis.title} was left out: ${missing}`] };
  const { arrays = [], warnings = [], ...report } = await analysis.run(context);
  return { id, report, arrays, warnings };
}

/** @param parts in the order of the registry */
export function withFurther(report: RunReport, parts: readonly FurtherPart[]): RunReport {
  if (parts.length === 0) return report;
  const found = parts.filter((part) => part.report !== null);
  return {
    ...report,
    further: Object.fromEntries(found.map((part) => [part.id, part.report])) as Partial<FurtherReports>,
    arrays: [...report.arrays, ...parts.flatMap(({ arrays }) => arrays)],
    warnings: [...report.warnings, ...parts.flatMap(({ warnings }) => warnings)],
  };
}
