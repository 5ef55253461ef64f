import { type Estimate, notObserved } from "../results/estimate.ts";
import { placesByName } from "./places-by-name.ts";
import { seededRandom } from "./random.ts";
import { quantiles } from "./statistics.ts";

/**
 * Percentile bootstrap that draws facts, never prompts: prompts of one fact are not independent. The draws are made once, so that all
 * numbers of a run share them and differences between heads are paired.
 */
export class FactBootstrap {
  /** How often each fact was drawn: `[sample][fact]`. */
  private readonly draws: Uint16Array;

  /** @param names one per fact: with them, the order that facts come in changes no interval */
  constructor(
    readonly facts: number,
    readonly samples: number,
    seed: number | string,
    names?: readonly string[],
  ) {
    const random = seededRandom(`bootstrap ${seed}`);
    const places = placesByName(facts, names);
    this.draws = new Uint16Array(samples * facts);
    for (let sample = 0; sample < samples; sample++) {
      for (let i = 0; i < facts; i++) this.draws[sample * facts + places[Math.floor(random() * facts)]!]!++;
    }
  }

  /**
   * Ratio of sums, sum(numerator) / sum(denominator), with numerator and denominator summed per fact (`[fact]`; a mean over prompts has
   * the prompt counts below). Facts with denominator 0 were not observed.
   */
  ratio(
    numerator: ArrayLike<number>,
    denominator: ArrayLike<number>,
    unavailable = "no fact was observed",
  ): Estimate {
    const n = observed(denominator, this.facts);
    // + 0: a report read back from JSON has no -0.
    const value = ratioOf(numerator, denominator) + 0;
    if (n === 0 || !Number.isFinite(value)) return notObserved(unavailable, n);
    if (n < 2) return { value, low: null, high: null, n, reason: "one fact gives no interval" };
    const replicates = this.replicates(numerator, denominator).filter(Number.isFinite);
    const [low, high] = quantiles(replicates, [0.025, 0.975]) as [number, number];
    return { value, low, high, n };
  }

  /** The ratio in every resample: `[sample]`; NaN where a resample holds no observed fact. */
  replicates(numerator: ArrayLike<number>, denominator: ArrayLike<number>): Float64Array {
    const out = new Float64Array(this.samples);
    for (let sample = 0; sample < this.samples; sample++) {
      let [top, bottom] = [0, 0];
      const at = sample * this.facts;
      for (let fact = 0; fact < this.facts; fact++) {
        const times = this.draws[at + fact]!;
        top += times * numerator[fact]!;
        bottom += times * denominator[fact]!;
      }
      out[sample] = bottom === 0 ? Number.NaN : top / bottom;
    }
    return out;
  }
}

const observed = (denominator: ArrayLike<number>, facts: number): number => {
  let n = 0;
  for (let i = 0; i < facts; i++) if (denominator[i] !== 0) n++;
  return n;
};

const ratioOf = (numerator: ArrayLike<number>, denominator: ArrayLike<number>): number => {
  let [top, bottom] = [0, 0];
  for (let i = 0; i < denominator.length; i++) {
    top += numerator[i]!;
    bottom += denominator[i]!;
  }
  return top / bottom;
};
