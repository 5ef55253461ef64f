import { execute } from "../../../packages/engine/src/planner/execute.ts";
import type { ForwardPass } from "../../../packages/engine/src/planner/forward-pass.ts";
import type { ModelSession } from "../../../packages/engine/src/session/model-session.ts";
import {
  changeOf,
  outputCaptures,
} from "../../../packages/engine/src/sweeps/path-patching/component-outputs.ts";
import type { Receiver, Sender } from "../../../packages/engine/src/sweeps/path-patching/paths.ts";
import {
  type PathPatch,
  runPathPatches,
} from "../../../packages/engine/src/sweeps/path-patching/run-paths.ts";
import type { Head, Numbers } from "../job.ts";
import { firstPairs, type Pairs } from "../model/pairs.ts";
import type { Workload } from "./workload.ts";

/** Every sender to the final residual, all later heads frozen to the clean run, MLPs recomputed. */
export const pathFinal: Workload<"path-final"> = async (job, session) => {
  const run = (pairs: Pairs) => patchedPaths(pairs, job.heads, [{ kind: "final" }], session);
  return { run: () => run(job), warmUp: () => run(firstPairs(job, 2)) };
};

/** Every sender to the queries of some heads, and from there on to the logits. */
export const pathQueries: Workload<"path-queries"> = async (job, session) => {
  const receivers = job.receivers.map(([layer, head]): Receiver => ({ kind: "q", layer, head }));
  const run = (pairs: Pairs) => patchedPaths(pairs, job.heads, receivers, session);
  return { run: () => run(job), warmUp: () => run(firstPairs(job, 2)) };
};

async function patchedPaths(
  { clean, corrupted, answer, wrong }: Pairs,
  heads: readonly Head[],
  receivers: readonly Receiver[],
  session: ModelSession,
): Promise<Numbers> {
  const { facts } = session.spec;
  const capture = outputCaptures(facts);
  const ends = await execute(
    session,
    [...clean, ...corrupted].map((tokens) => ({ tokens, capture })),
  );
  const patches = clean.flatMap((tokens, pair) =>
    heads.map(([layer, head]): PathPatch => {
      const sender: Sender = { kind: "head", layer, head };
      return {
        tokens,
        position: tokens.length - 1,
        sender,
        change: changeOf(sender, ends[pair]!, "SAMPLE", { SAMPLE: ends[clean.length + pair]! }, facts.width),
        mlps: "RECOMPUTE",
        receiverSets: [receivers],
      };
    }),
  );
  // Patches of one call share what is asked of their runs; here each prompt is asked for its own two tokens.
  const queries = new Map(clean.map((tokens, pair) => [tokens.join(), [answer[pair]!, wrong[pair]!]]));
  const run = (passes: readonly ForwardPass[]) =>
    execute(
      session,
      passes.map((pass) =>
        pass.query ? { ...pass, query: { tokens: queries.get(pass.tokens.join())! } } : pass,
      ),
    );
  const results = await runPathPatches(patches, { query: { tokens: [] } }, run, facts);
  const difference = new Float32Array(heads.length * clean.length);
  for (const [p, { patched }] of results.entries()) {
    const [pair, cell] = [Math.floor(p / heads.length), p % heads.length];
    const { queried } = patched[0]!;
    difference[cell * clean.length + pair] = queried![0]! - queried![1]!;
  }
  return { difference };
}
