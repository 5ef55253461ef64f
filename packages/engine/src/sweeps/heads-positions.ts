import { hookName } from "../hooks/hook-points.ts";
import { type Change, changeEach, replacementOf, type SweepKind } from "./changes.ts";
import { checkCorrupted, commonLength } from "./check-pairs.ts";
import { headAxis, layerAxis, placesBetween, positionAxis, type SweepBuilder } from "./sweep.ts";

export interface HeadsPositionsOptions {
  kind: SweepKind;
}

/**
 * Every head's hook_z at every position: `[layer, head, pair, position]`. Positions before the first token in which a pair differs hold the
 * same values in both runs: a patch there is found to change nothing and costs nothing.
 */
export const headsPositions: SweepBuilder<HeadsPositionsOptions> = (pairs, { kind }, facts) => {
  const { run, edit } = replacementOf(kind);
  if (kind !== "zero") checkCorrupted(pairs);
  const axes = [layerAxis(facts), headAxis(facts), positionAxis(commonLength(pairs))];
  return {
    pairs,
    axes,
    outer: 2,
    fullLogits: false,
    rowsPerPlace: (length) => (length + 1) / 2,
    numbersPerPlace: 2,
    measure: (pair, from, to) => changeEach(pair, changes(from, to)),
  };

  function* changes(from: number, to: number): Generator<Change> {
    for (const [layer, head, position] of placesBetween(axes, from, to))
      yield {
        run,
        edits: [{ hook: hookName("attn.hook_z", layer!), head: head!, position: position!, ...edit }],
      };
  }
};
