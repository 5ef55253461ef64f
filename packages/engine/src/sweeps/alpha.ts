import { EngineError } from "../errors.ts";
import { type BlockPoint, hookName } from "../hooks/hook-points.ts";
import { type Change, changeEach, editPosition, rowsFrom, type SweepPosition } from "./changes.ts";
import { checkPositionOfPairs } from "./check-pairs.ts";
import { headAxis, layerAxis, placesBetween, type SweepBuilder } from "./sweep.ts";

/** What can be scaled: each head, all of a layer's attention with its bias, or its MLP. */
export const SCALED_POINTS = [
  "attn.hook_z",
  "hook_attn_out",
  "hook_mlp_out",
] as const satisfies readonly BlockPoint[];
export type ScaledPoint = (typeof SCALED_POINTS)[number];

export interface AlphaOptions {
  hook: ScaledPoint;
  /** 1 leaves the model as it is, 0 takes the component away. */
  alphas: readonly number[];
  position: SweepPosition;
}

/** Components of the clean run scaled by each alpha: `[alpha, layer, head, pair]`, or `[alpha, layer, pair]` for hooks without heads. */
export const alpha: SweepBuilder<AlphaOptions> = (pairs, { hook, alphas, position }, facts) => {
  if (alphas.length === 0 || !alphas.every(Number.isFinite))
    throw new EngineError(
      "BAD_INPUT",
      `alphas: [${alphas.join(", ")}] (at least one finite number expected)`,
    );
  checkPositionOfPairs(pairs, position);
  const axes = [
    { dim: "alpha" as const, labels: alphas.map(String) },
    layerAxis(facts),
    ...(hook === "attn.hook_z" ? [headAxis(facts)] : []),
  ];
  return {
    pairs,
    axes,
    outer: axes.length,
    fullLogits: false,
    rowsPerPlace: rowsFrom(position),
    numbersPerPlace: 2,
    measure: (pair, from, to) => changeEach(pair, changes(from, to)),
  };

  function* changes(from: number, to: number): Generator<Change> {
    for (const [a, layer, head] of placesBetween(axes, from, to)) {
      const scale = alphas[a!]!;
      const edit = { hook: hookName(hook, layer!), ...editPosition(position), scale };
      // Scaling by 1 is the run itself: exactly, and for nothing.
      yield { run: "clean", edits: scale === 1 ? [] : [head === undefined ? edit : { ...edit, head }] };
    }
  }
};
