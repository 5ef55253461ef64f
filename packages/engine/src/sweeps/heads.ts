import { hookName } from "../hooks/hook-points.ts";
import {
  type Change,
  changeEach,
  editPosition,
  replacementOf,
  rowsFrom,
  type SweepKind,
  type SweepPosition,
} from "./changes.ts";
import { checkCorrupted, checkPositionOfPairs } from "./check-pairs.ts";
import { headAxis, layerAxis, placesBetween, type SweepBuilder } from "./sweep.ts";

export interface HeadsOptions {
  kind: SweepKind;
  position: SweepPosition;
  /** Keep all logits of the last position for every head. */
  fullLogits?: boolean;
}

/** Every head's hook_z at one position, or at all: `[layer, head, pair]`. */
export const heads: SweepBuilder<HeadsOptions> = (pairs, { kind, position, fullLogits = false }, facts) => {
  const { run, edit } = replacementOf(kind);
  if (kind !== "zero") checkCorrupted(pairs);
  checkPositionOfPairs(pairs, position);
  const axes = [layerAxis(facts), headAxis(facts)];
  return {
    pairs,
    axes,
    outer: 2,
    fullLogits,
    rowsPerPlace: rowsFrom(position),
    numbersPerPlace: fullLogits ? facts.vocabulary : 2,
    measure: (pair, from, to) => changeEach(pair, changes(from, to), fullLogits),
  };

  function* changes(from: number, to: number): Generator<Change> {
    for (const [layer, head] of placesBetween(axes, from, to))
      yield {
        run,
        edits: [{ hook: hookName("attn.hook_z", layer!), head: head!, ...editPosition(position), ...edit }],
      };
  }
};
