import { placesByName } from "./places-by-name.ts";
import { seededRandom } from "./random.ts";

export const SIGN_FLIPS = 4999;

/** Two-sided sign-flip tests that share their flips: under the null a fact's effect is as likely negative as positive. */
export class SignFlip {
  private readonly signs: Int8Array;

  /** @param names one per fact: with them, the order that facts come in changes no p */
  constructor(
    private readonly facts: number,
    seed: number | string,
    private readonly flips = SIGN_FLIPS,
    names?: readonly string[],
  ) {
    const random = seededRandom(`sign flip ${seed}`);
    const places = placesByName(facts, names);
    this.signs = new Int8Array(flips * facts);
    for (let flip = 0; flip < flips; flip++)
      for (const place of places) this.signs[flip * facts + place] = random() < 0.5 ? -1 : 1;
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
