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

  /**
   * @param samples 0 gives values without intervals
   * @param names one per fact: with them, the order that facts come in changes no interval
   */
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
    return this.ratiosTo([numerator], denominator, unavailable)[0]!;
  }

  /** The same for many numerators of one denominator. */
  ratiosTo(
    numerators: readonly ArrayLike<number>[],
    denominator: ArrayLike<number>,
    unavailable = "no fact was observed",
  ): Estimate[] {
    const n = observed(denominator, this.facts);
    // + 0: a report read back from JSON has no -0.
    const values = numerators.map((numerator) => ratioOf(numerator, denominator) + 0);
    const wanted = n < 2 || this.samples === 0 ? [] : numerators.filter((_, i) => Number.isFinite(values[i]));
    const [bottom, ...tops] = wanted.length ? this.totals([denominator, ...wanted]) : [];
    return values.map((value) => {
      if (n === 0 || !Number.isFinite(value)) return notObserved(unavailable, n);
      if (n < 2) return { value, low: null, high: null, n, reason: "one fact gives no interval" };
      if (this.samples === 0) return { value, low: null, high: null, n, reason: "no facts were drawn again" };
      const replicates = ratios(tops.shift()!, bottom!).filter(Number.isFinite);
      const [low, high] = quantiles(replicates, [0.025, 0.975]) as [number, number];
      return { value, low, high, n };
    });
  }

  /** The ratio in every resample: `[sample]`; NaN where a resample holds no observed fact. */
  replicates(numerator: ArrayLike<number>, denominator: ArrayLike<number>): Float64Array {
    const [top, bottom] = this.totals([numerator, denominator]) as [Float64Array, Float64Array];
    return ratios(top, bottom);
  }

  /**
   * Sums over facts in every resample.
   * @param columns `[column][fact]`
   * @returns `[column][sample]`
   */
  totals(columns: readonly ArrayLike<number>[]): Float64Array[] {
    const out = columns.map(() => new Float64Array(this.samples));
    const nothing = new Float64Array(this.facts);
    const unused = new Float64Array(this.samples);
    // Four at a time: reading the draws costs more than the sums.
    for (let c = 0; c < columns.length; c += 4) {
      const [v0, v1, v2, v3] = [0, 1, 2, 3].map((i) => columns[c + i] ?? nothing) as Four<ArrayLike<number>>;
      const [o0, o1, o2, o3] = [0, 1, 2, 3].map((i) => out[c + i] ?? unused) as Four<Float64Array>;
      for (let sample = 0, at = 0; sample < this.samples; sample++) {
        let [t0, t1, t2, t3] = [0, 0, 0, 0];
        for (let fact = 0; fact < this.facts; fact++, at++) {
          const times = this.draws[at]!;
          t0 += times * v0[fact]!;
          t1 += times * v1[fact]!;
          t2 += times * v2[fact]!;
          t3 += times * v3[fact]!;
        }
        o0[sample] = t0;
        o1[sample] = t1;
        o2[sample] = t2;
        o3[sample] = t3;
      }
    }
    return out;
  }
}

type Four<T> = [T, T, T, T];

/** Totals over totals, `[sample]`; NaN where nothing was observed. */
export function ratios(numerators: Float64Array, denominators: Float64Array): Float64Array {
  const out = new Float64Array(numerators.length);
  for (let i = 0; i < out.length; i++)
    out[i] = denominators[i] === 0 ? Number.NaN : numerators[i]! / denominators[i]!;
  return out;
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
