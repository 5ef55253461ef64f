import { execute } from "../../../packages/engine/src/planner/execute.ts";
import type { Workload } from "./workload.ts";

/** Two logits of prompts, most of whose tokens are a few-shot prefix. */
export const prefixSharing: Workload<"prefix-sharing"> = async ({ prompts, answer, wrong }, session) => {
  const run = async (some: readonly number[][]) => {
    const results = await execute(
      session,
      some.map((tokens) => ({ tokens, query: { tokens: [answer, wrong] } })),
    );
    return { logits: Float32Array.from(results.flatMap(({ queried }) => [...queried!])) };
  };
  return { run: () => run(prompts), warmUp: () => run(prompts.slice(0, 16)) };
};
