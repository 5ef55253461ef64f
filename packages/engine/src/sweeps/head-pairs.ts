import type { ModelFacts } from "../architectures/architecture.ts";
import { EngineError } from "../errors.ts";
import { headLabel } from "../hooks/head-label.ts";
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
import type { SweepBuilder } from "./sweep.ts";

export interface HeadRef {
  layer: number;
  head: number;
}

export interface HeadPairsOptions {
  kind: SweepKind;
  /**
   * Heads changed together, a head paired with itself being that head alone; or every pair among some heads or all, and each of them alone:
   * what an interaction is made of.
   */
  pairs: readonly (readonly [HeadRef, HeadRef])[] | { among: readonly HeadRef[] | "all" };
  position: SweepPosition;
}

/** Two heads' hook_z together: `[pair of heads, pair]`. */
export const headPairs: SweepBuilder<HeadPairsOptions> = (
  pairs,
  { kind, pairs: wanted, position },
  facts,
) => {
  const { run, edit } = replacementOf(kind);
  if (kind !== "zero") checkCorrupted(pairs);
  checkPositionOfPairs(pairs, position);
  const together = "among" in wanted ? pairsAmong(wanted.among, facts) : wanted;
  if (together.length === 0)
    throw new EngineError("BAD_INPUT", "pairs of heads: none given (at least one expected)");
  for (const { layer, head } of together.flat()) {
    if (layer >= 0 && layer < facts.layers && head >= 0 && head < facts.heads) continue;
    throw new EngineError(
      "BAD_INPUT",
      `head of a pair: L${layer}H${head} (allowed: L0H0 to L${facts.layers - 1}H${facts.heads - 1})`,
    );
  }
  return {
    pairs,
    axes: [{ dim: "component", labels: together.map((both) => both.map(headLabel).join("+")) }],
    outer: 1,
    fullLogits: false,
    rowsPerPlace: rowsFrom(position),
    numbersPerPlace: 2,
    measure: (pair, from, to) => changeEach(pair, together.slice(from, to).map(change)),
  };

  function change(both: readonly [HeadRef, HeadRef]): Change {
    const [a, b] = both;
    const one = a.layer === b.layer && a.head === b.head;
    return {
      run,
      edits: (one ? [a] : both).map(({ layer, head }) => ({
        hook: hookName("attn.hook_z", layer),
        head,
        ...editPosition(position),
        ...edit,
      })),
    };
  }
};

function pairsAmong(among: readonly HeadRef[] | "all", { layers, heads }: ModelFacts): [HeadRef, HeadRef][] {
  const all =
    among === "all"
      ? Array.from({ length: layers * heads }, (_, i) => ({ layer: Math.floor(i / heads), head: i % heads }))
      : among;
  return all.flatMap((a, i) => all.slice(i).map((b): [HeadRef, HeadRef] => [a, b]));
}
