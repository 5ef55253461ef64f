import { execute } from "../../src/planner/execute.ts";
import type { Edit, ForwardPass } from "../../src/planner/forward-pass.ts";
import type { LabeledArray } from "../../src/results/labeled-array.ts";
import type { ModelSession } from "../../src/session/model-session.ts";
import { buildSweep, type SweepOptions } from "../../src/sweeps/index.ts";
import { type RunSweepOptions, runSweep, type ShardNumbers } from "../../src/sweeps/run-sweep.ts";
import type { SweepPair } from "../../src/sweeps/sweep.ts";
import { SweepNumbers } from "../../src/sweeps/sweep-numbers.ts";

/** A sweep's arrays by name. */
export async function sweepArrays(
  session: ModelSession,
  pairs: readonly SweepPair[],
  options: SweepOptions,
  more: RunSweepOptions & { finished?: readonly ShardNumbers[] } = {},
): Promise<Map<string, LabeledArray>> {
  const sweep = buildSweep(pairs, options, session.spec.facts);
  const numbers = new SweepNumbers(sweep);
  for (const own of more.finished ?? []) numbers.add(own);
  await runSweep(session, sweep, {
    ...more,
    onShard: async (own) => {
      numbers.add(own);
      await more.onShard?.(own);
    },
  });
  return new Map(numbers.arrays().map((array) => [array.name, array]));
}

/** logit(answer) - logit(wrong) of one pass by hand, in a plan of its own: clean is pass 0, corrupted pass 1. */
export async function oneByOne(
  session: ModelSession,
  pair: SweepPair,
  run: "clean" | "corrupted",
  change: Pick<ForwardPass, "knockouts"> & { edits?: readonly Edit[] },
): Promise<number> {
  const query = { tokens: [pair.answer, pair.wrong] };
  const results = await execute(session, [
    { tokens: pair.clean, query },
    { tokens: pair.corrupted!, query },
    { tokens: pair[run]!, query, ...change },
  ]);
  const { queried } = results[2]!;
  return queried![0]! - queried![1]!;
}
