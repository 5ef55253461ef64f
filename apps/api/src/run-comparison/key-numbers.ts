import type { ComparedMetric, Estimate, FigureUnit, RunReport } from "@recallscope/engine";
import { summarise } from "../results/run-summary.ts";

/** One number of each run, as lists and the head of a run's page show it. */
export interface KeyNumber {
  /** Lower case with underscores, as in files. */
  name: string;
  title: string;
  help: string;
  unit: FigureUnit;
  /** The metric that pairs it; null: none does. */
  metric: ComparedMetric["metric"] | null;
  cells: KeyNumberCell[];
}
export interface KeyNumberCell {
  /** Null where it was not observed, or is a name. */
  value: number | null;
  /** With its interval over facts; null for counts, medians and names, which have none. */
  estimate: Estimate | null;
  /** The name, e.g. of a head; null where the number is one. */
  text: string | null;
  /** Run minus baseline; null where one of them was not observed. */
  delta: number | null;
  /** Whether the two intervals have no point in common: a cautious sign that runs differ. */
  apart: boolean;
}

interface Row {
  name: string;
  title: string;
  help: string;
  unit: FigureUnit;
  metric?: ComparedMetric["metric"];
  of: (report: RunReport, summary: ReturnType<typeof summarise>) => Estimate | number | string | null;
}

const ROWS: readonly Row[] = [
  {
    name: "facts_known",
    title: "Known facts",
    help: "Facts the model knows",
    unit: "count",
    of: (_, s) => s.factsKnown,
  },
  {
    name: "facts_total",
    title: "Facts",
    help: "Facts of the task",
    unit: "count",
    of: (_, s) => s.factsTotal,
  },
  {
    name: "top1",
    title: "Top-1",
    help: "Share with the answer on top of all tokens",
    unit: "share",
    metric: "top1",
    of: (_, s) => s.top1,
  },
  {
    name: "candidate_top1",
    title: "Top-1 of candidates",
    help: "Share with the answer on top of the task's answers",
    unit: "share",
    metric: "candidateTop1",
    of: (_, s) => s.candidateTop1,
  },
  {
    name: "probability",
    title: "p(answer)",
    help: "Mean probability of the answer",
    unit: "probability",
    metric: "probability",
    of: (_, s) => s.probability,
  },
  {
    name: "log_prob",
    title: "log p(answer)",
    help: "Mean log-probability of the answer, in nats",
    unit: "nats",
    metric: "logProb",
    of: ({ prediction }) => prediction.logProb,
  },
  {
    name: "median_rank",
    title: "Median rank",
    help: "Rank of the answer in the vocabulary; 0 = top",
    unit: "rank",
    of: (_, s) => s.medianRank,
  },
  {
    name: "top_mover",
    title: "Strongest mover",
    help: "Mover head with the largest patching effect",
    unit: "count",
    of: (_, s) => s.topMover,
  },
  {
    name: "top_mover_effect",
    title: "Its effect",
    help: "Normalised patching effect",
    unit: "effect",
    of: (_, s) => s.topMoverEffect,
  },
  {
    name: "movers",
    title: "Movers",
    help: "Heads with q < 0.05, interval above 0, effect of at least 0.02",
    unit: "count",
    of: (_, s) => s.moverCount,
  },
  {
    name: "headline_mlp",
    title: "Headline MLP",
    help: "MLP with the largest attribution to the answer",
    unit: "count",
    of: (_, s) => (s.headlineLayer === null ? null : `MLP${s.headlineLayer}`),
  },
  {
    name: "headline_depth",
    title: "Its depth",
    help: "(layer + 0.5) / layers",
    unit: "share",
    of: ({ argumentPassing }, s) =>
      s.headlineLayer === null ? null : (s.headlineLayer + 0.5) / argumentPassing.layers,
  },
  {
    name: "r2_held_out",
    title: "R2 held out",
    help: "Decomposition of the headline MLP by all heads up to it (R2) on facts it never saw",
    unit: "r2",
    of: (_, s) => s.r2HeldOut,
  },
  {
    name: "final_layer_change",
    title: "Final layer, change of log p",
    help: "What the final layer does to log p(answer), in nats",
    unit: "nats",
    metric: "finalLayerLogProbChange",
    of: (_, s) => s.finalLayerChange,
  },
  {
    name: "final_head_part",
    title: "from its heads",
    help: "Shapley share",
    unit: "nats",
    of: ({ finalLayer }) => finalLayer.headPart,
  },
  {
    name: "final_mlp_part",
    title: "from its MLP",
    help: "Shapley share",
    unit: "nats",
    of: ({ finalLayer }) => finalLayer.mlpPart,
  },
  {
    name: "final_scale_part",
    title: "from the norm's scale",
    help: "Shapley share",
    unit: "nats",
    of: ({ finalLayer }) => finalLayer.scalePart,
  },
];

/** Key numbers of runs with their differences to the baseline, each on the run's own facts: nothing is paired here. */
export function keyNumbers(reports: readonly RunReport[], baseline: number): KeyNumber[] {
  const summaries = reports.map(summarise);
  return ROWS.map(({ of, metric = null, ...row }) => {
    const values = reports.map((report, i) => of(report, summaries[i]!));
    const first = values[baseline]!;
    return {
      ...row,
      metric,
      cells: values.map((value, place) => ({
        value: numberOf(value),
        estimate: estimateOf(value),
        text: typeof value === "string" ? value : null,
        delta: place === baseline ? null : difference(numberOf(value), numberOf(first)),
        apart: place !== baseline && apart(estimateOf(value), estimateOf(first)),
      })),
    };
  });
}

type Value = ReturnType<Row["of"]>;
const estimateOf = (value: Value): Estimate | null => (typeof value === "object" ? value : null);
const numberOf = (value: Value): number | null =>
  typeof value === "number" ? value : (estimateOf(value)?.value ?? null);

const difference = (own: number | null, first: number | null): number | null =>
  own === null || first === null ? null : own - first;

function apart(own: Estimate | null, first: Estimate | null): boolean {
  if (own?.low == null || own.high === null || first?.low == null || first.high === null) return false;
  return own.low > first.high || first.low > own.high;
}
