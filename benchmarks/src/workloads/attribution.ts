import { attributions } from "../../../packages/engine/src/gradients/attribution.ts";
import { logitDifference } from "../../../packages/engine/src/gradients/metric.ts";
import { hookName } from "../../../packages/engine/src/hooks/hook-points.ts";
import type { ModelSession } from "../../../packages/engine/src/session/model-session.ts";
import type { Numbers } from "../job.ts";
import { firstPairs, type Pairs } from "../model/pairs.ts";
import type { Workload } from "./workload.ts";

/** Attribution patching of all heads at all positions. */
export const attribution: Workload<"attribution"> = async (job, session) => ({
  run: () => attributed(job, session),
  warmUp: () => attributed(firstPairs(job, 8), session),
});

async function attributed(
  { clean, corrupted, answer, wrong }: Pairs,
  session: ModelSession,
): Promise<Numbers> {
  const { layers, heads } = session.spec.facts;
  const hooks = Array.from({ length: layers }, (_, layer) => hookName("attn.hook_z", layer));
  const results = await attributions(
    session,
    clean.map((tokens, pair) => ({
      clean: tokens,
      corrupted: corrupted[pair]!,
      metric: logitDifference(answer[pair]!, wrong[pair]!),
    })),
    hooks,
  );
  const [pairs, length] = [clean.length, clean[0]!.length];
  const scores = new Float32Array(layers * heads * pairs * length);
  for (const [pair, result] of results.entries()) {
    for (const [layer, hook] of hooks.entries()) {
      const own = result.scores.get(hook)!;
      for (let head = 0; head < heads; head++)
        for (let position = 0; position < length; position++)
          scores[((layer * heads + head) * pairs + pair) * length + position] = own[position * heads + head]!;
    }
  }
  return { scores };
}
