import { seededRandom } from "./random.ts";

/** Two-sided sign-flip tests that share their flips: under the null a fact's effect is as likely negative as positive. */
export class SignFlip {
  private readonly signs: Int8Array;

  constructor(
    private readonly facts: number,
    seed: number | string,
    private readonly flips = 4999,
  ) {
    const random = seededRandom(`sign flip ${seed}`);
    this.signs = Int8Array.from({ length: flips * facts }, () => (random() < 0.5 ? -1 : 1));
  }

  /** p of the mean of one number per fact: (1 + #{|flipped| >= |observed|}) / (1 + flips); null for fewer than two facts. */
  pValue(effects: ArrayLike<number>): number | null {
    if (effects.length !== this.facts)
      throw new RangeError(`effects: ${effects.length} (expected one per fact: ${this.facts})`);
    if (this.facts < 2) return null;
    let observed = 0;
    let scale = 0;
    for (let i = 0; i < this.facts; i++) {
      observed += effects[i]!;
      scale += Math.abs(effects[i]!);
    }
    // Sums of the same numbers in another order of signs differ by rounding: without slack the identity flip would miss itself.
    const threshold = Math.abs(observed) - 1e-12 * scale;
    let extreme = 0;
    for (let flip = 0; flip < this.flips; flip++) {
      let total = 0;
      const at = flip * this.facts;
      for (let i = 0; i < this.facts; i++) total += this.signs[at + i]! * effects[i]!;
      if (Math.abs(total) >= threshold) extreme++;
    }
    return (1 + extreme) / (1 + this.flips);
  }
}
