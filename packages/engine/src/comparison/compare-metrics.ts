import { FactBootstrap } from "../math/fact-bootstrap.ts";
import { pearson } from "../math/rank-correlation.ts";
import { SignFlip } from "../math/sign-flip.ts";
import { COMPARED_METRICS, type ComparedMetric } from "../results/comparison.ts";
import { type Estimate, notObserved } from "../results/estimate.ts";
import type { PromptRecord, RunReport } from "../results/report.ts";
import { finalChanges, knownFacts, type PromptValue, promptValues, sumsByFact } from "./run-facts.ts";

type Metric = ComparedMetric["metric"];

const OF_PROMPT: Readonly<
  Record<Exclude<Metric, "finalLayerLogProbChange">, (prompt: PromptRecord) => number>
> = {
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

/**
 * Every metric on each run's known facts and, paired by fact and frame, on what both have.
 * @param problem why nothing can be paired, or null
 */
export const compareMetrics = (
  a: RunReport,
  b: RunReport,
  problem: string | null,
  samples: number,
  seed: number,
): ComparedMetric[] =>
  COMPARED_METRICS.map((metric) => {
    const [ownA, ownB] = [valuesOf(a, metric), valuesOf(b, metric)];
    const absolute = (run: RunReport, values: PromptValue[] | { reason: string }): Estimate =>
      "reason" in values
        ? notObserved(values.reason)
        : meanOf(values, [...knownFacts(run).keys()].sort(), samples, seed);
    const base = { metric, unit: UNIT[metric], a: absolute(a, ownA), b: absolute(b, ownB) };
    const reason = problem ?? ("reason" in ownA ? ownA.reason : "reason" in ownB ? ownB.reason : null);
    if (reason !== null || "reason" in ownA || "reason" in ownB) {
      const none = notObserved(reason ?? "not observed");
      return { ...base, sharedA: none, sharedB: none, delta: none, pValue: null, correlation: null };
    }
    return { ...base, ...paired(ownA, ownB, samples, seed) };
  });

const valuesOf = (run: RunReport, metric: Metric): PromptValue[] | { reason: string } =>
  metric === "finalLayerLogProbChange" ? finalChanges(run) : promptValues(run, OF_PROMPT[metric]);

function meanOf(
  values: readonly PromptValue[],
  facts: readonly string[],
  samples: number,
  seed: number,
): Estimate {
  const { sums, counts } = sumsByFact(values, facts, (own) => own);
  return new FactBootstrap(facts.length, samples, seed).ratio(sums, counts, "no known fact");
}

function paired(ownA: readonly PromptValue[], ownB: readonly PromptValue[], samples: number, seed: number) {
  const valueInA = new Map(ownA.map(({ prompt, value }) => [prompt, value]));
  const differences = ownB.flatMap(({ fact, prompt, value }) => {
    const before = valueInA.get(prompt);
    return before === undefined ? [] : [{ fact, prompt, value: value - before }];
  });
  const inBoth = new Set(differences.map(({ prompt }) => prompt));
  const facts = [...new Set(differences.map(({ fact }) => fact))].sort();
  const sidesOf = (own: readonly PromptValue[]) => own.filter(({ prompt }) => inBoth.has(prompt));
  const factMeans = (own: readonly PromptValue[]) => {
    const { sums, counts } = sumsByFact(own, facts, (item) => item);
    return sums.map((sum, i) => sum / counts[i]!);
  };
  return {
    sharedA: meanOf(sidesOf(ownA), facts, samples, seed),
    sharedB: meanOf(sidesOf(ownB), facts, samples, seed),
    delta: meanOf(differences, facts, samples, seed),
    pValue: new SignFlip(facts.length, seed).pValue(factMeans(differences)),
    correlation: pearson(factMeans(sidesOf(ownA)), factMeans(sidesOf(ownB))),
  };
}
