import type { FigureReceipt } from "@/charts/figure-receipt.ts";
import type { ComparedRun } from "./queries.ts";

/** What exported figures say of the runs that they show. */
export const receiptsOf = (runs: readonly ComparedRun[]): FigureReceipt[] =>
  runs.flatMap(({ key, model, task, settings, summary, receipt }) =>
    receipt && summary
      ? [
          {
            model: model.name,
            task: task.slug,
            shots: settings.shots,
            factsKnown: summary.factsKnown,
            factsTotal: summary.factsTotal,
            engineVersion: receipt.engineVersion,
            semanticsVersion: receipt.semanticsVersion,
            weightHash: receipt.model.weightHash,
            runKey: key,
            computedAt: receipt.startedAt,
          },
        ]
      : [],
  );
