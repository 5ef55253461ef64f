import type { TypeGain } from "../../results/decomposition-views.ts";
import type { Estimate } from "../../results/estimate.ts";
import { jackknifeEstimate } from "./fact-weights.ts";

/** Mean columns read on the candidates, `[column, candidate]`, of all facts and without each in turn. */
export interface ReadMeans {
  all: Float64Array;
  without: Float64Array[];
}

interface ReadFact {
  projected: Float64Array;
  prompts: number;
  answer: number;
}

export function readMeans(facts: readonly ReadFact[]): ReadMeans {
  const total = facts.reduce((sum, { prompts }) => sum + prompts, 0);
  const all = new Float64Array(facts[0]!.projected.length);
  for (const { projected, prompts } of facts)
    for (let i = 0; i < all.length; i++) all[i]! += (prompts / total) * projected[i]!;
  const without =
    facts.length < 2
      ? []
      : facts.map(({ projected, prompts }) =>
          all.map((value, i) => (total * value - prompts * projected[i]!) / (total - prompts)),
        );
  return { all, without };
}

/** <b, direction> of every candidate for b = mean m - sum_k w_k mean x_k, in logits times a scale. */
export function interceptGains(
  means: Float64Array,
  { regressors, target }: { regressors: readonly number[]; target: number },
  weights: ArrayLike<number | null>,
  candidates: number,
): Float64Array {
  const out = means.slice(target * candidates, (target + 1) * candidates);
  for (const [k, column] of regressors.entries()) {
    const weight = weights[k] ?? 0;
    if (weight === 0) continue;
    for (let c = 0; c < candidates; c++) out[c]! -= weight * means[column * candidates + c]!;
  }
  return out;
}

/** Type gain of the intercept and of the mean MLP output, as measured and for facts that the fit has not seen. */
export function typeGainOf(
  problem: { regressors: readonly number[]; target: number },
  fit: { weights: readonly (number | null)[]; jackknife: readonly Float64Array[] },
  facts: readonly ReadFact[],
  means: ReadMeans,
  candidates: number,
  scale: number,
): TypeGain {
  const answers = facts.map(({ answer }) => answer);
  const gain = (own: Float64Array, read: readonly number[]) =>
    read.reduce((sum, answer) => sum + own[answer]!, 0) / (read.length * scale);
  const left = fit.jackknife.map((weights, f) => ({
    intercept: interceptGains(means.without[f]!, problem, weights, candidates),
    mean: means.without[f]!.subarray(problem.target * candidates, (problem.target + 1) * candidates),
    others: answers.filter((_, other) => other !== f),
    own: [answers[f]!],
  }));
  const intercept = interceptGains(means.all, problem, fit.weights, candidates);
  const mean = means.all.subarray(problem.target * candidates, (problem.target + 1) * candidates);
  const estimate = (value: number, of: (part: (typeof left)[number]) => number): Estimate =>
    jackknifeEstimate(value, left.map(of));
  const heldOut = (which: "intercept" | "mean"): Estimate => {
    const own = left.map((part) => gain(part[which], part.own));
    const total = own.reduce((sum, value) => sum + value, 0);
    // Without a fact the mean of the others' values: the jackknife of a mean.
    return jackknifeEstimate(
      total / own.length,
      own.map((value) => (total - value) / (own.length - 1)),
    );
  };
  return {
    intercept: estimate(gain(intercept, answers), (part) => gain(part.intercept, part.others)),
    mean: estimate(gain(mean, answers), (part) => gain(part.mean, part.others)),
    interceptOverMean: estimate(
      gain(intercept, answers) - gain(mean, answers),
      (part) => gain(part.intercept, part.others) - gain(part.mean, part.others),
    ),
    interceptHeldOut: heldOut("intercept"),
    meanHeldOut: heldOut("mean"),
  };
}
