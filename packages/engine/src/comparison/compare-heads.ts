import { ratios } from "../math/fact-bootstrap.ts";
import { quantiles, sum } from "../math/statistics.ts";
import type { ComparedHead } from "../results/comparison.ts";
import { type Estimate, notObserved } from "../results/estimate.ts";
import type { RunReport } from "../results/report.ts";
import { centreReplicates } from "./depth.ts";
import type { PairedRuns } from "./pair-runs.ts";
import { type EffectPair, factTotals, headSums } from "./run-facts.ts";

/** Head by head, b - a on the pairs that both runs have; or why heads do not correspond. */
export function compareHeads({
  a,
  b,
  sameModel,
  effects,
  resampler,
}: PairedRuns): ComparedHead[] | { reason: string } {
  if ("reason" in effects) return effects;
  if (!sameModel) return { reason: "heads of different models do not correspond" };
  const missing = [a, b]
    .flatMap((run) => run.argumentPassing.heads)
    .find(({ effect }) => effect.value === null);
  if (missing) return { reason: missing.effect.reason ?? "the effects of heads were not observed" };
  const { facts } = effects;
  const heads = a.argumentPassing.heads;
  const [own, other] = [effects.a, effects.b].map((pairs) => {
    const [changes, total] = [headSums(pairs, facts, heads.length), factTotals(pairs, facts)];
    const [all, ...resampled] = resampler.totals([total, ...changes]);
    return {
      value: (head: number) => sum(changes[head]!) / sum(total),
      replicates: (head: number) => ratios(resampled[head]!, all!),
    };
  }) as [Side, Side];
  return heads.map(({ label, effect }, head) => {
    const value = other.value(head) - own.value(head);
    const delta = Number.isFinite(value)
      ? difference(value, own.replicates(head), other.replicates(head), facts.length)
      : notObserved("clean and corrupted runs do not differ on the shared pairs", facts.length);
    return { label, a: effect, b: b.argumentPassing.heads[head]!.effect, delta };
  });
}

interface Side {
  /** Its effect, and in every resample. */
  value: (head: number) => number;
  replicates: (head: number) => Float64Array;
}

/** How far b's effects lie deeper than a's, on the pairs that both runs have. */
export function centreOfMassDelta({ a, b, effects, resampler }: PairedRuns): Estimate {
  if ("reason" in effects) return notObserved(effects.reason);
  const { facts } = effects;
  const value = centreOf(b, effects.b, facts) - centreOf(a, effects.a, facts);
  if (!Number.isFinite(value)) return notObserved("no head has an effect on the shared pairs", facts.length);
  return difference(
    value,
    centreReplicates(effects.a, facts, a.argumentPassing, resampler),
    centreReplicates(effects.b, facts, b.argumentPassing, resampler),
    facts.length,
  );
}

function centreOf(
  { argumentPassing: { heads, layers } }: RunReport,
  pairs: readonly EffectPair[],
  facts: readonly string[],
): number {
  const total = sum(factTotals(pairs, facts));
  let [moment, mass] = [0, 0];
  for (let head = 0; head < heads.length; head++) {
    const effect = Math.abs(pairs.reduce((all, { changes }) => all + changes[head]!, 0) / total);
    moment += ((heads[head]!.layer + 0.5) / layers) * effect;
    mass += effect;
  }
  return moment / mass;
}

/** A difference with the interval of its replicates, both runs' resamples drawing the same facts. */
function difference(value: number, a: Float64Array, b: Float64Array, n: number): Estimate {
  if (n < 2) return { value, low: null, high: null, n, reason: "one fact gives no interval" };
  const replicates = b.map((own, i) => own - a[i]!).filter(Number.isFinite);
  if (replicates.length === 0)
    return { value, low: null, high: null, n, reason: "no resample of the facts was observed" };
  const [low, high] = quantiles(replicates, [0.025, 0.975]) as [number, number];
  return { value, low, high, n };
}
