import { readTensor } from "../checkpoints/read-tensor.ts";
import { type BlockPoint, type HookName, hookName } from "../hooks/hook-points.ts";
import type { ModelSession } from "../session/model-session.ts";
import { relativeError } from "./relative-error.ts";

const STEPS = [
  { sublayer: "attention", before: "hook_resid_pre", out: "hook_attn_out", after: "hook_resid_mid" },
  { sublayer: "mlp", before: "hook_resid_mid", out: "hook_mlp_out", after: "hook_resid_post" },
] as const satisfies readonly { sublayer: string; before: BlockPoint; out: BlockPoint; after: BlockPoint }[];

/** What `streamError` looks at besides hook_attn_out and hook_mlp_out. */
export const streamHooks = (layers: number): HookName[] =>
  Array.from({ length: layers }, (_, layer) =>
    (["hook_resid_pre", "hook_resid_mid", "hook_resid_post"] as const).map((point) => hookName(point, layer)),
  ).flat();

/**
 * Of a model whose norms stand on the residual stream: how far any state is from the norm of the state before it and what was added, computed here in
 * float64. Largest absolute error over largest value.
 */
export async function streamError(
  session: ModelSession,
  get: (hook: HookName) => Float32Array,
): Promise<number> {
  const { facts, block } = session.spec;
  let largest = 0;
  for (let layer = 0; layer < facts.layers; layer++) {
    for (const { sublayer, before, out, after } of STEPS) {
      const { weight, bias } = block(layer).postNorms![sublayer];
      const gain = weight ? await readTensor(session.tensor(weight)) : null;
      const shift = bias ? await readTensor(session.tensor(bias)) : null;
      const [from, added] = [get(hookName(before, layer)), get(hookName(out, layer))];
      const expected = Float64Array.from(from, (value, i) => value + added[i]!);
      for (let at = 0; at < expected.length; at += facts.width)
        layerNorm(expected.subarray(at, at + facts.width), gain, shift, facts.norm.epsilon);
      largest = Math.max(largest, relativeError(get(hookName(after, layer)), expected));
    }
  }
  return largest;
}

function layerNorm(
  x: Float64Array,
  gain: Float32Array | null,
  bias: Float32Array | null,
  epsilon: number,
): void {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const square = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  const scale = Math.sqrt(square + epsilon);
  for (let d = 0; d < x.length; d++) x[d] = ((gain?.[d] ?? 1) * (x[d]! - mean)) / scale + (bias?.[d] ?? 0);
}
