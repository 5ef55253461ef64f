import { FactBootstrap } from "./fact-bootstrap.ts";
import { SignFlip } from "./sign-flip.ts";

/** Bootstraps and sign-flip tests: what they draw depends on seed and number of facts only, so each is drawn once. */
export class Resampler {
  private readonly bootstraps = new Map<number, FactBootstrap>();
  private readonly flips = new Map<string, SignFlip>();

  /** @param samples resamples of a bootstrap */
  constructor(
    readonly samples: number,
    readonly seed: number,
  ) {}

  bootstrap(facts: number): FactBootstrap {
    return kept(this.bootstraps, facts, () => new FactBootstrap(facts, this.samples, this.seed));
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
