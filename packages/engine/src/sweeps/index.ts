import type { ModelFacts } from "../architectures/architecture.ts";
import { type AlphaOptions, alpha } from "./alpha.ts";
import { checkPairs } from "./check-pairs.ts";
import { type HeadPairsOptions, headPairs } from "./head-pairs.ts";
import { type HeadsOptions, heads } from "./heads.ts";
import { type HeadsPositionsOptions, headsPositions } from "./heads-positions.ts";
import { type KnockoutOptions, knockout } from "./knockout.ts";
import { type LayersPositionsOptions, layersPositions } from "./layers-positions.ts";
import { type PathsOptions, paths } from "./paths.ts";
import type { Sweep, SweepBuilder, SweepPair } from "./sweep.ts";

/** What a sweep goes over, with its options. */
export type SweepOptions =
  | ({ over: "heads" } & HeadsOptions)
  | ({ over: "heads-positions" } & HeadsPositionsOptions)
  | ({ over: "layers-positions" } & LayersPositionsOptions)
  | ({ over: "paths" } & PathsOptions)
  | ({ over: "head-pairs" } & HeadPairsOptions)
  | ({ over: "alpha" } & AlphaOptions)
  | ({ over: "knockout" } & KnockoutOptions);
export type SweepId = SweepOptions["over"];

/** The registry: one builder per sweep. */
export const SWEEPS: { [Id in SweepId]: SweepBuilder<Omit<Extract<SweepOptions, { over: Id }>, "over">> } = {
  heads,
  "heads-positions": headsPositions,
  "layers-positions": layersPositions,
  paths,
  "head-pairs": headPairs,
  alpha,
  knockout,
};

export const SWEEP_IDS = Object.keys(SWEEPS) as SweepId[];

/** @throws EngineError BAD_INPUT or BAD_PAIR naming the pair or option, what is allowed, and the way out */
export function buildSweep(pairs: readonly SweepPair[], options: SweepOptions, facts: ModelFacts): Sweep {
  checkPairs(pairs, facts);
  return (SWEEPS[options.over] as SweepBuilder<SweepOptions>)(pairs, options, facts);
}
