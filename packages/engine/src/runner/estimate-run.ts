import type { FurtherId } from "../analyses/index.ts";
import { inGroups } from "../math/in-groups.ts";
import { estimatePlan, type PlanEstimate } from "../planner/estimate.ts";
import type { ForwardPass } from "../planner/forward-pass.ts";
import { cleanPasses, FACTS_PER_STEP, headPasses, patchedTogether } from "./measure-facts.ts";
import type { OpenModel } from "./open-model.ts";
import { askRun } from "./run-task.ts";
import type { RunRequest } from "./shard-calls.ts";
import { planShards } from "./shards.ts";

export interface RunEstimate extends PlanEstimate {
  facts: number;
  prompts: number;
  /** Further analyses that the settings name. What they run depends on what the rest finds, and is not counted. */
  further: FurtherId[];
}

/**
 * What a run's forward passes will cost if the model knows every fact, without running one: those that `measureFacts` makes, group by group. Facts that it does not know are
 * not patched, so that this is the most. Statistics, and readings of the unembedding, are beside it.
 * @throws EngineError BAD_SETTINGS, UNSUPPORTED_MODEL, BAD_TASK as the run does
 */
export async function estimateRun(model: OpenModel, { task, settings }: RunRequest): Promise<RunEstimate> {
  const asked = askRun(model, task, settings);
  const { facts, context } = asked;
  const plan = planShards(model, asked, settings);
  const sum: RunEstimate = {
    facts: facts.length,
    prompts: facts.reduce((count, { prompts }) => count + prompts.length, 0),
    further: plan.further,
    ...{ passes: 0, rows: 0, flops: 0, bytes: 0, weights: 0, streamed: 0, seconds: 0 },
  };
  const add = async (passes: readonly ForwardPass[]) => {
    const own = await estimatePlan(model.session, passes);
    for (const key of ["passes", "rows", "flops", "streamed", "seconds"] as const) sum[key] += own[key];
    sum.bytes = Math.max(sum.bytes, own.bytes);
    sum.weights = own.weights;
  };
  for (const { from, to } of plan.facts) {
    const some = facts.slice(from, to);
    for (const group of inGroups(some, FACTS_PER_STEP)) await add(cleanPasses(group, context).passes);
    for (const group of patchedTogether(some, context)) await add(headPasses(group, context).passes);
  }
  return sum;
}
