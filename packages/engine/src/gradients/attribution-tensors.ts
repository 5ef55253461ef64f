import type { NamedArray } from "../checkpoints/safetensors-writer.ts";
import { hookName } from "../hooks/hook-points.ts";
import type { ModelSession } from "../session/model-session.ts";
import { type AttributionOptions, type AttributionPair, attributions } from "./attribution.ts";

/**
 * Attribution patching of pairs that all have one length, in units of the metric: `attribution` `[layer, head, batch, position]` of hook_z,
 * `attribution_mlp_out` `[layer, batch, position]`, and the metric of the unchanged runs, `logit_diff_clean` and `logit_diff_corrupted`
 * `[batch]`.
 */
export async function attributionTensors(
  session: ModelSession,
  pairs: readonly AttributionPair[],
  options: Pick<AttributionOptions, "onProgress" | "signal" | "maxMemory"> = {},
): Promise<NamedArray[]> {
  const { layers, heads } = session.spec.facts;
  const [batch, length] = [pairs.length, pairs[0]!.clean.length];
  const ofHeads = new Float32Array(layers * heads * batch * length);
  const ofMlps = new Float32Array(layers * batch * length);
  const hooks = Array.from({ length: layers }, (_, layer) => ({
    z: hookName("attn.hook_z", layer),
    mlp: hookName("hook_mlp_out", layer),
  }));
  const results = await attributions(
    session,
    pairs,
    hooks.flatMap(({ z, mlp }) => [z, mlp]),
    options,
  );
  for (const [b, { scores }] of results.entries()) {
    for (const [layer, { z, mlp }] of hooks.entries()) {
      ofMlps.set(scores.get(mlp)!, (layer * batch + b) * length);
      const perHead = scores.get(z)!;
      for (let head = 0; head < heads; head++)
        for (let position = 0; position < length; position++)
          ofHeads[((layer * heads + head) * batch + b) * length + position] =
            perHead[position * heads + head]!;
    }
  }
  const metrics = (which: "clean" | "corrupted") => Float32Array.from(results, (result) => result[which]);
  return [
    { name: "attribution", shape: [layers, heads, batch, length], data: ofHeads },
    { name: "attribution_mlp_out", shape: [layers, batch, length], data: ofMlps },
    { name: "logit_diff_clean", shape: [batch], data: metrics("clean") },
    { name: "logit_diff_corrupted", shape: [batch], data: metrics("corrupted") },
  ];
}
