import type { FactBootstrap } from "../../math/fact-bootstrap.ts";
import { type Estimate, notObserved } from "../../results/estimate.ts";

/**
 * Sums and counts per fact of many series of numbers, one number per prompt and series: all that a mean over prompts with an interval
 * clustered by fact needs. NaN was not observed on that prompt.
 */
export class FactSums {
  private readonly sums: Float64Array;
  private readonly counts: Float64Array;

  constructor(
    private readonly facts: number,
    series: number,
  ) {
    this.sums = new Float64Array(series * facts);
    this.counts = new Float64Array(series * facts);
  }

  add(fact: number, series: number, value: number): void {
    if (Number.isNaN(value)) return;
    this.sums[series * this.facts + fact]! += value;
    this.counts[series * this.facts + fact]!++;
  }

  /** Sum over the fact's prompts, `[fact]`. */
  sum(series: number): Float64Array {
    return this.sums.subarray(series * this.facts, (series + 1) * this.facts);
  }

  /** Prompts on which the series was observed, `[fact]`. */
  count(series: number): Float64Array {
    return this.counts.subarray(series * this.facts, (series + 1) * this.facts);
  }

  observed(series: number): number {
    return this.count(series).reduce((total, n) => total + n, 0);
  }

  mean(series: number, bootstrap: FactBootstrap, unavailable: string): Estimate {
    return bootstrap.ratio(this.sum(series), this.count(series), unavailable);
  }

  /** Ratio of the means of two series over the same prompts; null where |mean of the denominator| is not above `least`. */
  ratio(
    top: number,
    bottom: number,
    least: number,
    bootstrap: FactBootstrap,
    reason: (mean: number) => string,
  ): Estimate {
    const pairs = this.observed(bottom);
    const facts = this.count(bottom).filter((n) => n > 0).length;
    if (pairs === 0) return notObserved("no prompt was observed");
    const mean = this.sum(bottom).reduce((total, value) => total + value, 0) / pairs;
    if (Math.abs(mean) <= least) return notObserved(reason(mean), facts);
    return bootstrap.ratio(this.sum(top), this.sum(bottom));
  }
}
