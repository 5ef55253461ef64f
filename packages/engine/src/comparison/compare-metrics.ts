import { pearson } from "../math/rank-correlation.ts";
import type { Resampler } from "../math/resampler.ts";
import { COMPARED_METRICS, type ComparedMetric } from "../results/comparison.ts";
import { type Estimate, notObserved } from "../results/estimate.ts";
import type { PromptRecord, RunReport } from "../results/report.ts";
import type { PairedRuns } from "./pair-runs.ts";
import { finalChanges, knownFacts, type PromptValue, promptValues } from "./run-facts.ts";

type Metric = ComparedMetric["metric"];

type OfPrompt = Exclude<Metric, "finalLayerLogProbChange">;
const OF_PROMPT: Readonly<Record<OfPrompt, (prompt: PromptRecord) => number>> = {
  probability: ({ probability }) => probability,
  logProb: ({ logProb }) => logProb,
  centredLogit: ({ centredLogit }) => centredLogit,
  rank: ({ rank }) => rank,
  candidateRank: ({ candidateRank }) => candidateRank,
  top1: ({ rank }) => (rank === 0 ? 1 : 0),
  candidateTop1: ({ candidateRank }) => (candidateRank === 0 ? 1 : 0),
};
const UNIT: Readonly<Record<Metric, ComparedMetric["unit"]>> = {
  probability: "probability",
  logProb: "nats",
  centredLogit: "logit",
  rank: "rank",
  candidateRank: "rank",
  top1: "share",
  candidateTop1: "share",
  finalLayerLogProbChange: "nats",
};

/** Every metric on each run's known facts and, paired by fact and frame, on what both have. */
export function compareMetrics({ a, b, problem, resampler }: PairedRuns): ComparedMetric[] {
  // The metrics of one kind are of the same prompts: they share their denominators.
  const kinds: Metric[][] = [
    COMPARED_METRICS.filter((metric) => metric !== "finalLayerLogProbChange"),
    ["finalLayerLogProbChange"],
  ];
  return kinds.flatMap((metrics) => {
    const [ownA, ownB] = [valuesOf(a, metrics), valuesOf(b, metrics)];
    const [absoluteA, absoluteB] = [
      absolute(a, ownA, metrics.length, resampler),
      absolute(b, ownB, metrics.length, resampler),
    ];
    const reason = problem ?? ("reason" in ownA ? ownA.reason : "reason" in ownB ? ownB.reason : null);
    const shared =
      reason !== null || "reason" in ownA || "reason" in ownB
        ? null
        : paired(ownA, ownB, metrics.length, resampler);
    const none = notObserved(reason ?? "not observed");
    const unpaired = { sharedA: none, sharedB: none, delta: none, pValue: null, correlation: null };
    return metrics.map((metric, i) => ({
      metric,
      unit: UNIT[metric],
      a: absoluteA(i),
      b: absoluteB(i),
      ...(shared ? shared(i) : unpaired),
    }));
  });
}

/** Values of some metrics of each prompt, `[metric]`. */
type Values = PromptValue<readonly number[]>;

const valuesOf = (run: RunReport, metrics: readonly Metric[]): Values[] | { reason: string } => {
  if (!metrics.includes("finalLayerLogProbChange"))
    return promptValues(run, (prompt) => metrics.map((metric) => OF_PROMPT[metric as OfPrompt](prompt)));
  const changes = finalChanges(run);
  return "reason" in changes ? changes : changes.map((own) => ({ ...own, value: [own.value] }));
};

/** Means over prompts of each metric; the interval draws facts. */
function absolute(
  run: RunReport,
  values: Values[] | { reason: string },
  metrics: number,
  resampler: Resampler,
): (metric: number) => Estimate {
  if ("reason" in values) return () => notObserved(values.reason);
  const facts = [...knownFacts(run).keys()].sort();
  const { sums, counts } = sumsOf(values, facts, metrics);
  const means = resampler.bootstrap(facts.length).ratiosTo(sums, counts, "no known fact");
  return (metric) => means[metric]!;
}

function paired(ownA: readonly Values[], ownB: readonly Values[], metrics: number, resampler: Resampler) {
  const inA = new Map(ownA.map((own) => [own.prompt, own]));
  const pairs = ownB.flatMap((b) => {
    const a = inA.get(b.prompt);
    return a ? [{ a, b, change: { ...b, value: b.value.map((value, i) => value - a.value[i]!) } }] : [];
  });
  const facts = [...new Set(pairs.map(({ b }) => b.fact))].sort();
  const [sideA, sideB, changes] = (["a", "b", "change"] as const).map((side) =>
    sumsOf(
      pairs.map((pair) => pair[side]),
      facts,
      metrics,
    ),
  ) as [FactSums, FactSums, FactSums];
  const { counts } = changes;
  const columns = [...sideA.sums, ...sideB.sums, ...changes.sums];
  const means = resampler.bootstrap(facts.length).ratiosTo(columns, counts, "no known fact");
  const factMeans = ({ sums }: FactSums, metric: number) =>
    sums[metric]!.map((own, fact) => own / counts[fact]!);
  return (metric: number) => ({
    sharedA: means[metric]!,
    sharedB: means[metrics + metric]!,
    delta: means[2 * metrics + metric]!,
    pValue: resampler.signFlip(facts.length).pValue(factMeans(changes, metric)),
    correlation: pearson(factMeans(sideA, metric), factMeans(sideB, metric)),
  });
}

interface FactSums {
  /** `[metric][fact]` */
  sums: Float64Array[];
  /** Prompts of each fact. */
  counts: Float64Array;
}

function sumsOf(values: readonly Values[], facts: readonly string[], metrics: number): FactSums {
  const place = new Map(facts.map((fact, i) => [fact, i]));
  const sums = Array.from({ length: metrics }, () => new Float64Array(facts.length));
  const counts = new Float64Array(facts.length);
  for (const { fact, value } of values) {
    const at = place.get(fact);
    if (at === undefined) continue;
    counts[at]! += 1;
    for (const [metric, own] of value.entries()) sums[metric]![at]! += own;
  }
  return { sums, counts };
}
