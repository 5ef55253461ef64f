import { EngineError } from "../errors.ts";
import { type BlockPoint, hookName } from "../hooks/hook-points.ts";
import { type Change, changeEach, replacementOf, type SweepKind } from "./changes.ts";
import { checkCorrupted, commonLength } from "./check-pairs.ts";
import { layerAxis, placesBetween, positionAxis, type SweepBuilder } from "./sweep.ts";

/** Points of the residual stream and what is written to it. */
export const STREAM_POINTS = [
  "hook_resid_pre",
  "hook_attn_out",
  "hook_resid_mid",
  "hook_mlp_out",
  "hook_resid_post",
] as const satisfies readonly BlockPoint[];
export type StreamPoint = (typeof STREAM_POINTS)[number];

export interface LayersPositionsOptions {
  kind: SweepKind;
  hooks: readonly StreamPoint[];
}

/** Whole vectors of every layer at every position: `[hook, layer, pair, position]`. */
export const layersPositions: SweepBuilder<LayersPositionsOptions> = (pairs, { kind, hooks }, facts) => {
  const { run, edit } = replacementOf(kind);
  if (hooks.length === 0 || new Set(hooks).size < hooks.length)
    throw new EngineError(
      "BAD_INPUT",
      `hooks of a sweep: [${hooks.join(", ")}] (at least one expected, each once, of ${STREAM_POINTS.join(", ")})`,
    );
  if (kind !== "zero") checkCorrupted(pairs);
  const axes = [
    { dim: "component" as const, labels: hooks },
    layerAxis(facts),
    positionAxis(commonLength(pairs)),
  ];
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
    for (const [hook, layer, position] of placesBetween(axes, from, to))
      yield { run, edits: [{ hook: hookName(hooks[hook!]!, layer!), position: position!, ...edit }] };
  }
};
