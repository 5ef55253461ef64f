import type { Head } from "../job.ts";
import type { Sizes } from "./sizes.ts";

/** What rows are made of. */
export interface Setting {
  sizes: Sizes;
  model: string;
  /** Folders of the models of other depths, by layers. */
  models: ReadonlyMap<number, string>;
  /** File of captured activations. */
  activations: string;
  threads: number;
}

/** All heads of the layers below `end`. */
export const headsBelow = (end: number, heads: number): Head[] =>
  Array.from({ length: end * heads }, (_, i) => [Math.floor(i / heads), i % heads]);

/** One head of every `step`th of the layers below `end`. */
export const onePerLayer = (end: number, heads: number, step: number): Head[] =>
  Array.from({ length: Math.ceil(end / step) }, (_, i) => [i * step, (5 * i * step + 2) % heads]);
