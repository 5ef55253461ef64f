import { access, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { hookName } from "../../../packages/engine/src/hooks/hook-points.ts";
import { captured } from "../workloads/cache.ts";
import { openSession } from "../workloads/workload.ts";

/**
 * Every head's contribution, every MLP's output and the residual before every MLP, at the last position of each prompt, as a file of float32,
 * made once and kept.
 */
export async function activationsFile(
  model: string,
  prompts: readonly (readonly number[])[],
  cache: string,
  threads: number,
): Promise<string> {
  const file = path.join(cache, `activations-${path.basename(model)}-${prompts.length}.f32`);
  if (
    await access(file).then(
      () => true,
      () => false,
    )
  )
    return file;
  const session = await openSession({ model, threads });
  const { layers, heads, width } = session.spec.facts;
  const results = await captured(prompts, session);
  const perPrompt = layers * (heads + 2) * width;
  const out = new Float32Array(prompts.length * perPrompt);
  for (const [p, { captures }] of results.entries()) {
    for (let layer = 0; layer < layers; layer++) {
      const at = p * perPrompt;
      out.set(captures.get(hookName("attn.hook_result", layer))!, at + layer * heads * width);
      out.set(captures.get(hookName("hook_mlp_out", layer))!, at + (layers * heads + layer) * width);
      out.set(captures.get(hookName("hook_resid_mid", layer))!, at + (layers * (heads + 1) + layer) * width);
    }
  }
  await session.close();
  await writeFile(`${file}.part`, new Uint8Array(out.buffer));
  await rename(`${file}.part`, file);
  return file;
}
