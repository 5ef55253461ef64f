import { EngineError } from "../errors.ts";
import { FactBootstrap } from "../math/fact-bootstrap.ts";
import { quantile } from "../math/statistics.ts";
import type { ComparedHead, RunComparison } from "../results/comparison.ts";
import { type Estimate, notObserved } from "../results/estimate.ts";
import type { RunReport } from "../results/report.ts";
import { compareMetrics } from "./compare-metrics.ts";
import { concentration } from "./concentration.ts";
import { centreReplicates, depthDistance, depthProfile } from "./depth.ts";
import { headOverlap } from "./head-overlap.ts";
import { type EffectPair, effectPairs, knownFacts, promptValues, runKey, sumsByFact } from "./run-facts.ts";

export interface CompareOptions {
  samples?: number;
  seed?: number;
}

/**
 * Two runs side by side: each number on the run's own known facts, and differences (b minus a) on the facts and prompts that both know, with
 * what was left out counted. Only runs of one task are paired; heads are compared only within one model, depth always.
 * @throws EngineError BAD_INPUT for runs of different semantics versions
 */
export function compareRuns(
  a: RunReport,
  b: RunReport,
  { samples = 2000, seed = 1 }: CompareOptions = {},
): RunComparison {
  if (a.receipt.semanticsVersion !== b.receipt.semanticsVersion) {
    throw new EngineError(
      "BAD_INPUT",
      `runs to compare: semantics versions ${a.receipt.semanticsVersion} and ${b.receipt.semanticsVersion} (their numbers mean different things; run the older one again)`,
    );
  }
  const sameTask = a.receipt.taskId === b.receipt.taskId;
  const sameModel = a.receipt.model.weightHash === b.receipt.model.weightHash;
  const [knownA, knownB] = [knownFacts(a), knownFacts(b)];
  const shared = sameTask ? [...knownA.keys()].filter((key) => knownB.has(key)).sort() : [];
  const lone = (own: typeof knownA) =>
    [...own].flatMap(([key, { subject, answer }]) => (shared.includes(key) ? [] : [{ subject, answer }]));
  const prompts = [a, b].map(
    (run) =>
      new Set(
        promptValues(run, () => 0)
          .filter(({ fact }) => shared.includes(fact))
          .map(({ prompt }) => prompt),
      ),
  ) as [Set<string>, Set<string>];
  const both = new Set([...prompts[0]].filter((prompt) => prompts[1].has(prompt)));
  const problem = !sameTask
    ? "runs of different tasks share no prompts"
    : both.size === 0
      ? "no prompt of a fact that both runs know"
      : null;
  const [depthA, depthB] = [depthProfile(a, { samples, seed }), depthProfile(b, { samples, seed })];
  const pairs = problem ? { reason: problem } : pairedEffects(a, b);
  const heads =
    "reason" in pairs
      ? pairs
      : sameModel
        ? compareHeads(a, b, pairs, samples, seed)
        : { reason: "heads of different models do not correspond" };
  return {
    a: runKey(a),
    b: runKey(b),
    sameModel,
    sameTask,
    sharedFacts: shared.length,
    onlyA: lone(knownA),
    onlyB: lone(knownB),
    sharedPrompts: both.size,
    promptsOnlyA: prompts[0].size - both.size,
    promptsOnlyB: prompts[1].size - both.size,
    metrics: compareMetrics(a, b, problem, samples, seed),
    depthA,
    depthB,
    depthDistance: depthDistance(depthA, depthB),
    centreOfMassDelta:
      "reason" in pairs ? notObserved(pairs.reason) : centreDelta(a, b, pairs, samples, seed),
    concentrationA: concentration(a),
    concentrationB: concentration(b),
    overlap: headOverlap(a, b),
    heads: Array.isArray(heads) ? heads : [],
    ...(!Array.isArray(heads) && { headsReason: heads.reason }),
  };
}

interface Paired {
  a: EffectPair[];
  b: EffectPair[];
  facts: string[];
}

/** The patched pairs that both runs have, fact and frame alike. */
function pairedEffects(a: RunReport, b: RunReport): Paired | { reason: string } {
  const [ownA, ownB] = [effectPairs(a), effectPairs(b)];
  if ("reason" in ownA) return ownA;
  if ("reason" in ownB) return ownB;
  const inBoth = (own: EffectPair[], other: EffectPair[]) => {
    const there = new Set(other.map(({ prompt }) => prompt));
    return own.filter(({ prompt }) => there.has(prompt));
  };
  const paired = { a: inBoth(ownA, ownB), b: inBoth(ownB, ownA) };
  if (paired.a.length === 0) return { reason: "no pair was patched in both runs" };
  return { ...paired, facts: [...new Set(paired.a.map(({ fact }) => fact))].sort() };
}

const totals = (pairs: readonly EffectPair[], facts: readonly string[]) =>
  sumsByFact(pairs, facts, ({ fact, total }) => ({ fact, value: total })).sums;

function compareHeads(
  a: RunReport,
  b: RunReport,
  { a: pairsA, b: pairsB, facts }: Paired,
  samples: number,
  seed: number,
): ComparedHead[] | { reason: string } {
  const missing = [a, b]
    .flatMap((run) => run.argumentPassing.heads)
    .find(({ effect }) => effect.value === null);
  if (missing) return { reason: missing.effect.reason ?? "the effects of heads were not observed" };
  const bootstrap = new FactBootstrap(facts.length, samples, seed);
  const [totalA, totalB] = [totals(pairsA, facts), totals(pairsB, facts)];
  return a.argumentPassing.heads.map(({ label, effect }, head) => {
    const changes = (pairs: readonly EffectPair[]) =>
      sumsByFact(pairs, facts, (pair) => ({ fact: pair.fact, value: pair.changes[head]! })).sums;
    const [numeratorA, numeratorB] = [changes(pairsA), changes(pairsB)];
    const [own, other] = [bootstrap.ratio(numeratorA, totalA), bootstrap.ratio(numeratorB, totalB)];
    const delta =
      own.value === null || other.value === null
        ? notObserved("clean and corrupted runs do not differ on the shared pairs", facts.length)
        : difference(
            other.value - own.value,
            bootstrap.replicates(numeratorA, totalA),
            bootstrap.replicates(numeratorB, totalB),
            facts.length,
          );
    return { label, a: effect, b: b.argumentPassing.heads[head]!.effect, delta };
  });
}

function centreDelta(
  a: RunReport,
  b: RunReport,
  { a: pairsA, b: pairsB, facts }: Paired,
  samples: number,
  seed: number,
): Estimate {
  const centre = (run: RunReport, pairs: readonly EffectPair[]) => {
    const shape = run.argumentPassing;
    const total = totals(pairs, facts).reduce((x, y) => x + y, 0);
    let [moment, mass] = [0, 0];
    for (let head = 0; head < shape.heads.length; head++) {
      const effect = Math.abs(pairs.reduce((sum, { changes }) => sum + changes[head]!, 0) / total);
      moment += ((shape.heads[head]!.layer + 0.5) / shape.layers) * effect;
      mass += effect;
    }
    return moment / mass;
  };
  const value = centre(b, pairsB) - centre(a, pairsA);
  if (!Number.isFinite(value)) return notObserved("no head has an effect on the shared pairs", facts.length);
  return difference(
    value,
    centreReplicates(pairsA, facts, a.argumentPassing, samples, seed),
    centreReplicates(pairsB, facts, b.argumentPassing, samples, seed),
    facts.length,
  );
}

/** A difference with the interval of its replicates, both runs' resamples drawing the same facts. */
function difference(value: number, a: Float64Array, b: Float64Array, n: number): Estimate {
  if (n < 2) return { value, low: null, high: null, n, reason: "one fact gives no interval" };
  const replicates = b.map((own, i) => own - a[i]!).filter(Number.isFinite);
  if (replicates.length === 0)
    return { value, low: null, high: null, n, reason: "no resample of the facts was observed" };
  return { value, low: quantile(replicates, 0.025), high: quantile(replicates, 0.975), n };
}
