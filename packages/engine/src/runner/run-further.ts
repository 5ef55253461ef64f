import type { FurtherAnalysis, FurtherContext } from "../analyses/further.ts";
import { FURTHER_ANALYSES } from "../analyses/index.ts";
import { throwIfCancelled } from "../planner/execute.ts";
import type { FurtherReports } from "../results/further.ts";
import type { LabeledArray } from "../results/labeled-array.ts";
import type { RunReport } from "../results/report.ts";

/**
 * Runs the further analyses of the settings, in the order of the registry, on a run that is otherwise complete. @returns the report with
 * what they found
 */
export async function runFurther(
  context: FurtherContext,
  onProgress: (share: number, title: string) => void,
  signal?: AbortSignal,
): Promise<RunReport> {
  const { report, settings } = context;
  const all: [string, FurtherAnalysis<object>][] = Object.entries(FURTHER_ANALYSES);
  const wanted = all.filter(([id]) => settings.analyses.includes(id));
  if (wanted.length === 0) return report;
  const further: Record<string, unknown> = {};
  const arrays: LabeledArray[] = [...report.arrays];
  const warnings = [...report.warnings];
  for (const [i, [id, analysis]] of wanted.entries()) {
    throwIfCancelled(signal);
    onProgress(i / wanted.length, analysis.title);
    const missing = analysis.lacks?.(context.model) ?? null;
    if (missing) {
      warnings.push(`${analysis.title} was left out: ${missing}`);
      continue;
    }
    const {
      arrays: bulk,
      warnings: own = [],
      ...part
    } = await analysis.run({
      ...context,
      progress: (done, total) => onProgress((i + done / Math.max(1, total)) / wanted.length, analysis.title),
    });
    further[id] = part;
    arrays.push(...(bulk ?? []));
    warnings.push(...own);
  }
  return { ...report, further: further as Partial<FurtherReports>, arrays, warnings };
}
