import { hookName } from "../../../packages/engine/src/hooks/hook-points.ts";
import { execute } from "../../../packages/engine/src/planner/execute.ts";
import type { ForwardPass } from "../../../packages/engine/src/planner/forward-pass.ts";
import type { JobOf } from "../job.ts";
import { firstPairs } from "../model/pairs.ts";
import type { Workload } from "./workload.ts";

/** Activation patching of heads at positions: one list of passes for all pairs, heads and positions. */
export const headSweep: Workload<"head-sweep"> = async (job, session) => ({
  run: () => patchedDifferences(job, session),
  warmUp: () => patchedDifferences({ ...job, ...firstPairs(job, 2) }, session),
});

async function patchedDifferences(job: JobOf<"head-sweep">, session: Parameters<typeof execute>[0]) {
  const { clean, corrupted, answer, wrong, heads, positions } = job;
  const pairs = clean.length;
  const passes: ForwardPass[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    passes.push({ tokens: clean[pair]! }, { tokens: corrupted[pair]! });
    const source = passes.length - 2;
    const query = { tokens: [answer[pair]!, wrong[pair]!] };
    for (const [layer, head] of heads) {
      const hook = hookName("attn.hook_z", layer);
      for (const position of positions) {
        passes.push({
          tokens: corrupted[pair]!,
          edits: [{ hook, head, position, scale: 0, value: { pass: source } }],
          query,
        });
      }
    }
  }
  const results = await execute(session, passes);
  const cells = heads.length * positions.length;
  const difference = new Float32Array(cells * pairs);
  for (let pair = 0; pair < pairs; pair++) {
    for (let cell = 0; cell < cells; cell++) {
      const { queried } = results[pair * (2 + cells) + 2 + cell]!;
      difference[cell * pairs + pair] = queried![0]! - queried![1]!;
    }
  }
  return { difference };
}
