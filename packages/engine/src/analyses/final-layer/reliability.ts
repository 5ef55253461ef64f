import type { FactBootstrap } from "../../math/fact-bootstrap.ts";
import { quantile } from "../../math/statistics.ts";
import { type Estimate, notObserved } from "../../results/estimate.ts";
import type { Changed, ReliabilityBin } from "../../results/mitigation.ts";

const BINS = 10;

/** Top token of a prompt: its probability and whether it is the answer. */
export interface TopToken {
  confidence: number;
  /** 1 or 0. */
  right: number;
}

/**
 * Reliability diagram (Guo et al. 2017, arXiv 1706.04599): prompts in 10 bins of equal width by the probability of their top token; of each bin the
 * mean of that probability, and the share of prompts whose top token is the answer. A bin holds its lower bound, the last one both. Prompts count
 * alike; intervals draw facts.
 * @param tops `[fact][prompt]`
 */
export function reliability(tops: readonly TopToken[][], bootstrap: FactBootstrap): ReliabilityBin[] {
  return Array.from({ length: BINS }, (_, bin) => {
    const own = tops.map((prompts) => prompts.filter(({ confidence }) => binOf(confidence) === bin));
    const counts = own.map(({ length }) => length);
    const mean = (of: (top: TopToken) => number) =>
      bootstrap.ratio(
        own.map((prompts) => total(prompts.map(of))),
        counts,
        "no prompt's top token has such a probability",
      );
    return {
      low: bin / BINS,
      high: (bin + 1) / BINS,
      prompts: total(counts),
      confidence: mean(({ confidence }) => confidence),
      right: mean(({ right }) => right),
    };
  });
}

/** Expected calibration error of the same bins: sum over bins of |sum of (right - confidence)| / number of prompts. */
export function calibrationError(
  before: readonly TopToken[][],
  after: readonly TopToken[][],
  bootstrap: FactBootstrap,
): Changed {
  const n = before.filter((own) => own.length > 0).length;
  if (n === 0) {
    const none = notObserved("no test facts and no unknown facts");
    return { before: none, after: none, change: none };
  }
  const [b, a] = [before, after].map((tops) => {
    const counts = tops.map(({ length }) => length);
    const bins = Array.from({ length: BINS }, (_, bin) =>
      tops.map((own) =>
        total(
          own
            .filter(({ confidence }) => binOf(confidence) === bin)
            .map(({ right, confidence }) => right - confidence),
        ),
      ),
    );
    const value = total(bins.map((gaps) => Math.abs(total(gaps)))) / total(counts);
    const replicates = new Float64Array(bootstrap.samples);
    for (const gaps of bins)
      for (const [i, gap] of bootstrap.replicates(gaps, counts).entries()) replicates[i]! += Math.abs(gap);
    return { value, replicates };
  }) as [{ value: number; replicates: Float64Array }, { value: number; replicates: Float64Array }];
  return {
    before: withInterval(b.value, b.replicates, n),
    after: withInterval(a.value, a.replicates, n),
    change: withInterval(
      a.value - b.value,
      a.replicates.map((value, i) => value - b.replicates[i]!),
      n,
    ),
  };
}

/** Resamples in which the number is not defined do not count. */
export function withInterval(value: number, replicates: Float64Array, n: number): Estimate {
  const defined = replicates.filter(Number.isFinite);
  if (n < 2 || defined.length === 0)
    return { value, low: null, high: null, n, reason: "one fact gives no interval" };
  return { value, low: quantile(defined, 0.025), high: quantile(defined, 0.975), n };
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const binOf = (confidence: number): number => Math.min(BINS - 1, Math.floor(confidence * BINS));
