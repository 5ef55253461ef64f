import type { Estimate, RunReport } from "@recallscope/engine";
import { estimate, fill, type Table, text } from "../table.ts";

/** The numbers at the head of a run's page. Plain counts and medians have no interval, and the facts they are over as n. */
export function summaryTable({
  task,
  prediction,
  argumentPassing,
  finalLayer,
  mlpActivation,
}: RunReport): Table {
  const plain = (value: number | null, n: number, reason = "not observed"): Estimate => ({
    value,
    low: null,
    high: null,
    n,
    ...(value === null && { reason }),
  });
  const { factsTotal, factsAdmitted, factsKnown } = task;
  const rows: { quantity: string; unit: string; of: Estimate }[] = [
    { quantity: "facts_total", unit: "count", of: plain(factsTotal, factsTotal) },
    { quantity: "facts_admitted", unit: "count", of: plain(factsAdmitted, factsTotal) },
    { quantity: "facts_known", unit: "count", of: plain(factsKnown, factsAdmitted) },
    { quantity: "top1", unit: "share", of: prediction.top1 },
    { quantity: "candidate_top1", unit: "share", of: prediction.candidateTop1 },
    { quantity: "chance", unit: "share", of: plain(prediction.chance, factsAdmitted) },
    { quantity: "median_rank", unit: "rank", of: plain(prediction.medianRank, factsAdmitted) },
    { quantity: "probability", unit: "probability", of: prediction.probability },
    { quantity: "log_prob", unit: "nats", of: prediction.logProb },
    { quantity: "clean_metric", unit: "logit", of: argumentPassing.cleanMetric },
    { quantity: "corrupted_metric", unit: "logit", of: argumentPassing.corruptedMetric },
    { quantity: "headline_mlp", unit: "layer", of: plain(mlpActivation.headlineLayer, factsKnown) },
    { quantity: "final_layer_log_prob_change", unit: "nats", of: finalLayer.logProbChange },
  ];
  return fill<(typeof rows)[number]>(
    { name: "summary", title: "Key numbers" },
    [
      text("quantity", "what is measured", (r) => r.quantity),
      text("unit", "unit", ({ unit }) => unit),
      estimate("estimate", "the number", ({ of }) => of),
    ],
    rows,
  );
}
