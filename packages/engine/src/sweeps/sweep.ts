import type { ModelFacts } from "../architectures/architecture.ts";
import type { PassResult } from "../planner/forward-pass.ts";
import type { Dimension } from "../results/labeled-array.ts";
import type { Stages } from "./stages.ts";

/** Two prompts, and the tokens whose logits are compared at their last position. */
export interface SweepPair {
  clean: readonly number[];
  /** As many tokens as the clean prompt. May be missing where a sweep takes no values from it. */
  corrupted?: readonly number[];
  answer: number;
  wrong: number;
}

export interface SweepAxis {
  dim: Dimension;
  labels: readonly string[];
}

/** What a pair came to: the unchanged runs, then each place of the range that was asked for; all with `queried` answer and wrong, or `logits`. */
export interface PairReading {
  clean: PassResult;
  corrupted: PassResult | null;
  places: readonly PassResult[];
}

/** The same changes, one at a time, in every pair: as data, computed by `runSweep`. */
export interface Sweep {
  pairs: readonly SweepPair[];
  /** What a place is. Places are counted row-major, the last axis fastest. */
  axes: readonly SweepAxis[];
  /** Axes that stand before the axis of pairs in results; the others stand after it. */
  outer: number;
  /** All logits of the last position are kept for every place, not only those of answer and wrong. */
  fullLogits: boolean;
  /** Rows that a place computes at each layer it reaches, on average, in a prompt of `length` tokens: a guide for the size of shards. */
  rowsPerPlace(length: number): number;
  /** Numbers that a place holds until its shard is done. */
  numbersPerPlace: number;
  /** Passes of the places `[from, to)` of a pair, and what they come to. */
  measure(pair: SweepPair, from: number, to: number): Stages<PairReading>;
}

/** @throws EngineError BAD_INPUT or BAD_PAIR naming the option or pair, what is allowed, and the way out */
export type SweepBuilder<Options> = (
  pairs: readonly SweepPair[],
  options: Options,
  facts: ModelFacts,
) => Sweep;

export const placesOf = ({ axes }: Pick<Sweep, "axes">): number =>
  axes.reduce((product, { labels }) => product * labels.length, 1);

/** "0", "1", ... */
export const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));

/** Indices on each axis of the places `[from, to)`. */
export function* placesBetween(
  axes: readonly SweepAxis[],
  from: number,
  to: number,
): Generator<number[], void, void> {
  for (let place = from; place < to; place++) {
    const indices = new Array<number>(axes.length);
    let rest = place;
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      const size = axes[axis]!.labels.length;
      indices[axis] = rest % size;
      rest = Math.floor(rest / size);
    }
    yield indices;
  }
}

export const layerAxis = ({ layers }: Pick<ModelFacts, "layers">): SweepAxis => ({
  dim: "layer",
  labels: numbered(layers),
});
export const headAxis = ({ heads }: Pick<ModelFacts, "heads">): SweepAxis => ({
  dim: "head",
  labels: numbered(heads),
});
export const positionAxis = (length: number): SweepAxis => ({ dim: "position", labels: numbered(length) });
