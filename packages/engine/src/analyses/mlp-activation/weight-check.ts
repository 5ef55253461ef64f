import { hookName } from "../../hooks/hook-points.ts";
import { mean } from "../../math/statistics.ts";
import { dot } from "../../math/vectors.ts";
import type { ForwardPass, PassResult } from "../../planner/forward-pass.ts";
import type { WeightCheck } from "../../results/surrogates.ts";
import type { FurtherContext } from "../further.ts";
import type { FittedLayer, FittedPrompt } from "./surrogate-inputs.ts";

const DELTA = 0.1;
const PASSES_PER_STEP = 512;

/** Derivatives of a layer's MLP along the outputs of heads, in the MLP's input alone, beside the heads' weights. */
export async function weightCheck(
  { layer, checked }: FittedLayer,
  facts: readonly (readonly FittedPrompt[])[],
  { bootstrap, execute }: FurtherContext,
): Promise<WeightCheck> {
  const [input, written] = [hookName("hook_mlp_in", layer), hookName("hook_mlp_out", layer)];
  const nudges = facts.flatMap((own, fact) =>
    own.flatMap(({ tokens, heads, output }) =>
      heads.flatMap((vector, head) =>
        dot(vector, vector) > 0 ? [{ tokens, fact, head, vector, output }] : [],
      ),
    ),
  );
  const perFact = () => checked.map(() => new Float64Array(facts.length));
  const [up, down, lengths] = [perFact(), perFact(), perFact()];
  for (let at = 0; at < nudges.length; at += PASSES_PER_STEP / 2) {
    const step = nudges.slice(at, at + PASSES_PER_STEP / 2);
    const results = await execute(
      step.flatMap(({ tokens, vector }) =>
        [DELTA, -DELTA].map(
          (delta): ForwardPass => ({
            tokens,
            edits: [{ hook: input, position: -1, scale: 1, value: vector.map((value) => delta * value) }],
            capture: [{ hook: written, positions: "last" }],
          }),
        ),
      ),
    );
    for (const [i, { fact, head, vector, output }] of step.entries()) {
      const along = (result: PassResult) => {
        const moved = result.captures.get(written)!;
        return vector.reduce((sum, value, d) => sum + (moved[d]! - output[d]!) * value, 0) / DELTA;
      };
      up[head]![fact]! += along(results[2 * i]!);
      down[head]![fact]! -= along(results[2 * i + 1]!);
      lengths[head]![fact]! += dot(vector, vector);
    }
  }
  const derivative = (changes: Float64Array, h: number) =>
    bootstrap.ratio(changes, lengths[h]!, "the head writes nothing at the last position");
  const heads = checked.map(({ label, weightR1, weightR2 }, h) => ({
    head: label,
    weightR1,
    weightR2,
    derivative: derivative(
      up[h]!.map((value, fact) => (value + down[h]![fact]!) / 2),
      h,
    ),
    up: derivative(up[h]!, h),
    down: derivative(down[h]!, h),
  }));
  return {
    heads,
    slope: (["R1", "R2"] as const).map((regressors) => ({
      regressors,
      ...lineThrough(
        heads.flatMap(({ derivative, weightR1, weightR2 }): [number, number][] => {
          const weight = regressors === "R1" ? weightR1 : weightR2;
          return weight === null || derivative.value === null ? [] : [[weight, derivative.value]];
        }),
      ),
    })),
  };
}

/** Least-squares slope and Pearson correlation; null for fewer than three points or without variation. */
function lineThrough(points: readonly (readonly [number, number])[]) {
  const none = { slope: null, correlation: null, heads: points.length };
  if (points.length < 3) return none;
  const [mx, my] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  let [xx, xy, yy] = [0, 0, 0];
  for (const [x, y] of points) {
    xx += (x - mx) ** 2;
    xy += (x - mx) * (y - my);
    yy += (y - my) ** 2;
  }
  if (xx === 0) return none;
  return { slope: xy / xx, correlation: yy > 0 ? xy / Math.sqrt(xx * yy) : null, heads: points.length };
}
