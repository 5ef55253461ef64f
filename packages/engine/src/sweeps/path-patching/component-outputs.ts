import type { ModelFacts } from "../../architectures/architecture.ts";
import { hookName } from "../../hooks/hook-points.ts";
import type { ForwardPass, PassResult } from "../../planner/forward-pass.ts";
import type { SenderReplacement } from "../../results/path-patching.ts";
import type { Sender } from "./paths.ts";

/** Captures behind `outputOf`: every head's result and every MLP's output at the last position. */
export const outputCaptures = ({ layers }: Pick<ModelFacts, "layers">): NonNullable<ForwardPass["capture"]> =>
  Array.from({ length: layers }, (_, layer) => [
    { hook: hookName("attn.hook_result", layer), positions: "last" as const },
    { hook: hookName("hook_mlp_out", layer), positions: "last" as const },
  ]).flat();

/** A sender's output, `[d_model]`: a view. */
export function outputOf(
  sender: Sender,
  { captures }: Pick<PassResult, "captures">,
  width: number,
): Float32Array {
  if (sender.kind === "mlp") return captures.get(hookName("hook_mlp_out", sender.layer))!;
  const results = captures.get(hookName("attn.hook_result", sender.layer))!;
  return results.subarray(sender.head * width, (sender.head + 1) * width);
}

/** Running mean of every component's output over runs, in float64; read like a run. */
export class MeanOutputs {
  private readonly sums = new Map<string, Float64Array>();
  private runs = 0;

  add({ captures }: Pick<PassResult, "captures">): void {
    this.runs++;
    for (const [hook, values] of captures) {
      const sum = this.sums.get(hook) ?? new Float64Array(values.length);
      for (let i = 0; i < values.length; i++) sum[i]! += values[i]!;
      this.sums.set(hook, sum);
    }
  }

  mean(): Pick<PassResult, "captures"> {
    const entries = [...this.sums].map(([hook, sum]) => [hook, Float32Array.from(sum, (x) => x / this.runs)]);
    return { captures: new Map(entries as [never, Float32Array][]) };
  }
}

/** Outputs that can take a sender's place: the counterfactual run's own, or means over the counterfactual or the clean runs of the task. */
export interface Replacements {
  SAMPLE: Pick<PassResult, "captures">;
  MEAN_CORRUPTED: Pick<PassResult, "captures">;
  MEAN_TASK: Pick<PassResult, "captures">;
}

/** Replacement minus clean output of a sender, `[d_model]`. */
export function changeOf(
  sender: Sender,
  clean: Pick<PassResult, "captures">,
  kind: SenderReplacement,
  replacements: Partial<Replacements>,
  width: number,
): Float32Array {
  const own = outputOf(sender, clean, width);
  if (kind === "ZERO") return own.map((value) => -value);
  const source = replacements[kind];
  if (!source) throw new Error(`no outputs given for ${kind}`);
  const other = outputOf(sender, source, width);
  return own.map((value, i) => other[i]! - value);
}
