import type { ModelFacts } from "../../architectures/architecture.ts";
import type { SweptPosition } from "../../results/head-position-sweep.ts";
import type { Pair } from "./activation-patching-pairs.ts";
import type { PatchedPair, Place } from "./activation-patching-sweep.ts";
import { allPositions, sweptPositions } from "./swept-positions.ts";

/** One head at one position. */
export interface HeadPlace {
  position: SweptPosition;
  layer: number;
  head: number;
  label: string;
}

/** All places of a sweep: every head at every position that some pair has. */
export interface PlaceGrid {
  positions: SweptPosition[];
  /** `[position, layer, head]` */
  places: HeadPlace[];
  /** Indices of places that a patch can show an effect at. The last layer's heads elsewhere than at the last position are read by nothing. */
  live: number[];
}

export function placeGrid(
  pairs: readonly (readonly Pair[])[],
  { layers, heads }: Pick<ModelFacts, "layers" | "heads">,
): PlaceGrid {
  const positions = allPositions(pairs.flat());
  const places = positions.flatMap((position) =>
    Array.from({ length: layers * heads }, (_, i): HeadPlace => {
      const [layer, head] = [Math.floor(i / heads), i % heads];
      return { position, layer, head, label: `L${layer}H${head} at ${position}` };
    }),
  );
  const live = places.flatMap(({ position, layer }, i) =>
    position === "last" || layer < layers - 1 ? [i] : [],
  );
  return { positions, places, live };
}

export const asPatch = ({ position, layer, head }: HeadPlace): Place<SweptPosition> => ({
  point: "attn.hook_z",
  position,
  layer,
  heads: [head],
});

/**
 * Patches of some places as patches of all: where nothing reads a place the runs stay as they are; the others are NaN. `measured` are the
 * indices that `patched` is about, in its order; `[fact][pair]`.
 */
export function onGrid(
  patched: readonly (readonly PatchedPair[])[],
  measured: readonly number[],
  { places, live }: PlaceGrid,
  pairs: readonly (readonly Pair[])[],
): PatchedPair[][] {
  const silent = new Set(places.keys());
  for (const place of live) silent.delete(place);
  return patched.map((own, fact) =>
    own.map((pair, i) => {
      const has = sweptPositions(pairs[fact]![i]!.prompt);
      const spread = (from: Float64Array, unchanged: number) => {
        const out = new Float64Array(places.length).fill(Number.NaN);
        for (const place of silent) if (has.has(places[place]!.position)) out[place] = unchanged;
        for (const [at, place] of measured.entries()) out[place] = from[at]!;
        return out;
      };
      return {
        ...pair,
        noising: spread(pair.noising, pair.clean),
        denoising: spread(pair.denoising, pair.corrupted),
      };
    }),
  );
}
