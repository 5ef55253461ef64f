import { hookName } from "../../hooks/hook-points.ts";
import type { PassResult } from "../../planner/forward-pass.ts";
import type { AnalysisContext } from "../analysis.ts";
import { againstOthers } from "./readouts.ts";

/** Reads final residuals on tokens: logit minus the vocabulary's mean, exactly, without the whole vocabulary. */
export interface FinalReader {
  tokens: readonly number[];
  hook: ReturnType<typeof hookName>;
  /** @returns `[pass][token]` */
  read(results: readonly PassResult[]): Promise<Float64Array[]>;
}

export async function finalReader(
  tokens: readonly number[],
  { model, instruments }: Pick<AnalysisContext, "model" | "instruments">,
): Promise<FinalReader> {
  const { width, layers } = model;
  const hook = hookName("hook_resid_post", layers - 1);
  const directions = await instruments.directions(tokens);
  const constants = await instruments.constants(tokens);
  return {
    tokens,
    hook,
    async read(results) {
      const rows = new Float32Array(results.length * width);
      for (const [i, { captures }] of results.entries()) rows.set(captures.get(hook)!, i * width);
      if (results.length === 0) return [];
      if (model.logitCap !== null) {
        // The mean of soft-capped logits is not linear in the final state: the whole vocabulary is read.
        const targets = results.map(() => tokens);
        const { logit, mean } = await instruments.read(instruments.normalise(rows), targets, 0);
        return results.map((_, i) =>
          Float64Array.from(tokens, (_, t) => logit[i * tokens.length + t]! - mean[i]!),
        );
      }
      const [scales, product] = [
        instruments.scales(rows),
        await instruments.product(rows, directions, width),
      ];
      return results.map((_, i) =>
        Float64Array.from(tokens, (_, t) => product[i * tokens.length + t]! / scales[i]! + constants[t]!),
      );
    },
  };
}

/** [centred logit of the answer, the same against the other candidates]. */
export const metricsOf = (centred: Float64Array, answer: number): [number, number] => [
  centred[answer]!,
  againstOthers(centred, answer),
];
