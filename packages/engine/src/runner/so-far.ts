import { effectOverFacts, effectSums, usablePairs } from "../analyses/argument-passing/head-patching.ts";
import { meanOverFacts, sumOverPrompts } from "../analyses/per-fact.ts";
import { top1Of } from "../analyses/prediction/outcomes.ts";
import { headLabel } from "../hooks/head-label.ts";
import { FactBootstrap } from "../math/fact-bootstrap.ts";
import { descendingRanks } from "../math/rank-intervals.ts";
import { type Estimate, notObserved } from "../results/estimate.ts";
import type { FoundInFacts, SoFar } from "../results/so-far.ts";
import type { MeasuredFact } from "./measure-facts.ts";

/** The little of some measured facts that `soFar` needs: all that is measured of one may be many megabytes. */
export const foundInFacts = (
  measured: readonly MeasuredFact[],
  { layers, heads }: { layers: number; heads: number },
): FoundInFacts => ({
  layers,
  heads,
  facts: measured.map(({ outcomes, known }) => ({
    top1: sumOverPrompts(outcomes.map(top1Of)),
    probability: sumOverPrompts(outcomes.map(({ probability }) => probability)),
    patching: known && patchingOf(known.headPatching, layers * heads),
  })),
});

function patchingOf(
  pairs: NonNullable<MeasuredFact["known"]>["headPatching"],
  heads: number,
): FoundInFacts["facts"][number]["patching"] {
  const { effect, total, pairs: usable } = effectSums(usablePairs(pairs), heads);
  return { pairs: usable, total, effect: [...effect] };
}

/**
 * The report's own numbers over the facts that some shards measured. Without intervals and tests: facts come in the order of their task, so
 * that the first of them are no sample of all.
 * @param found in the order of the facts, of at least one shard
 */
export function soFar(found: readonly FoundInFacts[]): SoFar {
  const { layers, heads } = found[0]!;
  const facts = found.flatMap((own) => own.facts);
  const known = facts.flatMap(({ patching }) => (patching ? [patching] : []));
  const [overAll, overKnown] = [facts, known].map((own) => new FactBootstrap(own.length, 0, 0));
  const effects = effectOverFacts(known, overKnown!);
  const patched = Array.from({ length: layers * heads }, (_, i) => ({
    layer: Math.floor(i / heads),
    head: i % heads,
    effect: preliminary(
      effects.problem ? notObserved(effects.problem) : effects.ratio(known.map(({ effect }) => effect[i]!)),
    ),
  }));
  const ranks = descendingRanks(patched.map(({ effect }) => effect.value ?? Number.NEGATIVE_INFINITY));
  return {
    factsMeasured: facts.length,
    factsKnown: known.length,
    top1: preliminary(
      meanOverFacts(
        facts.map(({ top1 }) => top1),
        overAll!,
      ),
    ),
    probability: preliminary(
      meanOverFacts(
        facts.map(({ probability }) => probability),
        overAll!,
      ),
    ),
    heads: patched
      .map((head, i) => ({ ...head, label: headLabel(head), rank: ranks[i]! }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ rank: _, ...head }) => head),
  };
}

const preliminary = (estimate: Estimate): Estimate =>
  estimate.value === null
    ? estimate
    : { ...estimate, low: null, high: null, reason: "no interval before the run has ended" };
