import { type HookName, hookName } from "../../../packages/engine/src/hooks/hook-points.ts";
import { execute } from "../../../packages/engine/src/planner/execute.ts";
import type { PassResult } from "../../../packages/engine/src/planner/forward-pass.ts";
import type { ModelSession } from "../../../packages/engine/src/session/model-session.ts";
import type { Numbers } from "../job.ts";
import type { Workload } from "./workload.ts";

/** Forward passes that keep, at the last position, every head's contribution, the residuals, the MLP outputs and the logits. */
export const cache: Workload<"cache"> = async ({ prompts, compared }, session) => ({
  run: async () => numbers(await captured(prompts, session), session.spec.facts.layers, compared),
  warmUp: () => captured(prompts.slice(0, 8), session),
});

const POINTS = ["attn.hook_result", "hook_resid_mid", "hook_mlp_out", "hook_resid_post"] as const;

export const captured = (
  prompts: readonly (readonly number[])[],
  session: ModelSession,
): Promise<PassResult[]> => {
  const capture = Array.from({ length: session.spec.facts.layers }, (_, layer) =>
    POINTS.map((point) => ({ hook: hookName(point, layer), positions: "last" as const })),
  ).flat();
  return execute(
    session,
    prompts.map((tokens) => ({ tokens, capture, logits: "last" })),
  );
};

function numbers(results: readonly PassResult[], layers: number, compared: number): Numbers {
  const some = results.slice(0, compared);
  const stacked = (point: (typeof POINTS)[number]) =>
    concatenate(
      some.flatMap(({ captures }) =>
        Array.from({ length: layers }, (_, layer) => captures.get(hookName(point, layer) as HookName)!),
      ),
    );
  return {
    heads: stacked("attn.hook_result"),
    mid: stacked("hook_resid_mid"),
    mlp: stacked("hook_mlp_out"),
    post: stacked("hook_resid_post"),
    logits: concatenate(some.map(({ logits }) => logits!)),
  };
}

export function concatenate(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
