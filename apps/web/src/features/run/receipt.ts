import type { FigureReceipt } from "@/charts/figure-receipt.ts";
import type { RunHeaderData } from "./queries.ts";

/** What exported figures say of the run; nothing before it has finished. */
export function receiptsOf(run: RunHeaderData | null | undefined): readonly FigureReceipt[] {
  if (!run?.receipt || !run.summary) return [];
  const { receipt, summary, settings } = run;
  return [
    {
      model: run.model.name,
      task: run.task.slug,
      shots: settings.shots,
      factsKnown: summary.factsKnown,
      factsTotal: summary.factsTotal,
      engineVersion: receipt.engineVersion,
      semanticsVersion: receipt.semanticsVersion,
      weightHash: receipt.model.weightHash,
      runKey: run.key,
      computedAt: receipt.startedAt,
    },
  ];
}
