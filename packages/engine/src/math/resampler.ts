import { createHash } from "node:crypto";
import { FactBootstrap } from "./fact-bootstrap.ts";
import { SignFlip } from "./sign-flip.ts";

/** The sums of some ten runs of the largest models, 256 MB. */
const USUALLY_KEPT = 2 ** 25;

/** Bootstraps and sign-flip tests: what they draw depends on seed and number of facts only, so each is drawn once. */
export class Resampler {
  /** Resampled sums by what is summed, those used last at the end. */
  private readonly sums = new Map<string, readonly Float64Array[]>();
  private readonly bootstraps = new Map<number, FactBootstrap>();
  private readonly flips = new Map<string, SignFlip>();

  /**
   * @param samples resamples of a bootstrap
   * @param mostKept numbers that resampled sums may keep
   */
  constructor(
    readonly samples: number,
    readonly seed: number,
    private readonly mostKept = USUALLY_KEPT,
  ) {}

  bootstrap(facts: number): FactBootstrap {
    return kept(this.bootstraps, facts, () => new FactBootstrap(facts, this.samples, this.seed));
  }

  /**
   * `FactBootstrap.totals`, computed once for the same numbers: a comparison asks for those of its baseline again with every run.
   * @param columns `[column][fact]`, at least one
   * @returns `[column][sample]`, not to be written to
   */
  totals(columns: readonly Float64Array[]): readonly Float64Array[] {
    const hash = createHash("sha256");
    for (const { buffer, byteOffset, byteLength } of columns)
      hash.update(new Uint8Array(buffer, byteOffset, byteLength));
    const key = `${columns.length} ${hash.digest("base64")}`;
    const sums = this.sums.get(key) ?? this.bootstrap(columns[0]!.length).totals(columns);
    this.sums.delete(key);
    this.sums.set(key, sums);
    let numbers = 0;
    for (const { length } of this.sums.values()) numbers += length * this.samples;
    for (const [oldest, { length }] of this.sums) {
      if (numbers <= this.mostKept || oldest === key) break;
      this.sums.delete(oldest);
      numbers -= length * this.samples;
    }
    return sums;
  }

  signFlip(facts: number, seed = this.seed): SignFlip {
    return kept(this.flips, `${facts} ${seed}`, () => new SignFlip(facts, seed));
  }
}

function kept<K, T>(made: Map<K, T>, key: K, make: () => T): T {
  const found = made.get(key) ?? make();
  made.set(key, found);
  return found;
}
