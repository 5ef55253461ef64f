import { hookName } from "../../hooks/hook-points.ts";
import type { ForwardPass, PassResult } from "../../planner/forward-pass.ts";

/**
 * Two passes per token, x and -x in place of the layer's input. A prompt of one token attends to itself, so that a head's result there is
 * ln1(x) W_V W_O with biases; half the difference of both is without them, as biases do not change sign.
 * @param states x of each token, `[d_model]`
 */
export const ovPasses = (
  layer: number,
  tokens: readonly number[],
  states: readonly Float32Array[],
): ForwardPass[] =>
  tokens.flatMap((token, t) =>
    [1, -1].map((sign) => ({
      tokens: [token],
      edits: [
        {
          hook: hookName("hook_resid_pre", layer),
          position: 0,
          scale: 0,
          value: states[t]!.map((value) => sign * value),
        },
      ],
      capture: [{ hook: hookName("attn.hook_result", layer), positions: "last" as const }],
    })),
  );

/** What each head's OV circuit makes of each token, `[token][head * d_model]`, from the results of `ovPasses`. */
export const ovOutputs = (layer: number, results: readonly PassResult[]): Float32Array[] =>
  Array.from({ length: results.length / 2 }, (_, t) => {
    const [plus, minus] = [results[2 * t]!, results[2 * t + 1]!].map(
      ({ captures }) => captures.get(hookName("attn.hook_result", layer))!,
    );
    return plus!.map((value, d) => (value - minus![d]!) / 2);
  });
