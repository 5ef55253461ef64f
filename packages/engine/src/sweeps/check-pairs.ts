import type { ModelFacts } from "../architectures/architecture.ts";
import { EngineError } from "../errors.ts";
import type { SweepPosition } from "./changes.ts";
import type { SweepPair } from "./sweep.ts";

const bad = (message: string) => new EngineError("BAD_INPUT", message);

/** Refuses pairs that the model cannot compute or whose positions would mean two things, naming the pair. */
export function checkPairs(pairs: readonly SweepPair[], facts: ModelFacts): void {
  if (pairs.length === 0) throw new EngineError("BAD_PAIR", "pairs: none given (at least one expected)");
  for (const [b, { clean, corrupted, answer, wrong }] of pairs.entries()) {
    if (clean.length === 0) throw bad(`pair ${b}: no tokens (1 to ${facts.positions} expected)`);
    if (corrupted && clean.length !== corrupted.length) {
      throw new EngineError(
        "BAD_PAIR",
        `pair ${b}: ${clean.length} clean and ${corrupted.length} corrupted tokens (must be equal: a position would mean two things)`,
      );
    }
    if (clean.length > facts.positions)
      throw bad(`pair ${b}: ${clean.length} tokens (the model has ${facts.positions} positions)`);
    const ids = { clean, ...(corrupted && { corrupted }), answer: [answer], wrong: [wrong] };
    for (const [name, list] of Object.entries(ids)) {
      const id = list.find((own) => !Number.isInteger(own) || own < 0 || own >= facts.vocabulary);
      if (id !== undefined)
        throw bad(`token in ${name} of pair ${b}: ${id} (allowed: 0 to ${facts.vocabulary - 1})`);
    }
  }
}

/** Refuses pairs without a corrupted prompt, for sweeps that take values from it. */
export function checkCorrupted(pairs: readonly SweepPair[]): void {
  const b = pairs.findIndex(({ corrupted }) => !corrupted);
  if (b >= 0)
    throw new EngineError("BAD_PAIR", `pair ${b}: no corrupted prompt (this sweep takes values from it)`);
}

/** Refuses a position outside any of the prompts, naming the pair. */
export function checkPositionOfPairs(pairs: readonly SweepPair[], position: SweepPosition): void {
  if (position === "all" || position === "last") return;
  for (const [b, { clean }] of pairs.entries())
    if (!Number.isInteger(position) || position < 0 || position >= clean.length)
      throw bad(`position of pair ${b}: ${position} (allowed: last, or 0 to ${clean.length - 1})`);
}

/** The one length of all prompts; results by position have no place for others. */
export function commonLength(pairs: readonly Pick<SweepPair, "clean">[]): number {
  const length = pairs[0]!.clean.length;
  for (const [b, { clean }] of pairs.entries())
    if (clean.length !== length) {
      throw new EngineError(
        "BAD_PAIR",
        `pair ${b}: ${clean.length} tokens (pair 0 has ${length}; results by position hold pairs of equal length: padding would change them. Sweep each length on its own)`,
      );
    }
  return length;
}
