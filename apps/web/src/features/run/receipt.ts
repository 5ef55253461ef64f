import type { FigureReceipt } from "@/charts/figure-receipt.ts";

/** A run, as far as its figures must name it. */
export interface ReceiptedRun {
  key: string;
  model: { name: string };
  task: { slug: string };
  settings: { shots: number };
  summary: { factsKnown: number; factsTotal: number } | null;
  receipt: {
    engineVersion: string;
    semanticsVersion: number;
    startedAt: string;
    model: { weightHash: string };
  } | null;
}

/** What exported figures say of the run; nothing before it has finished. */
export function receiptsOf(run: ReceiptedRun | null | undefined): readonly FigureReceipt[] {
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
