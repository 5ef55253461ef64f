import { estimatePlan, type PlanEstimate } from "../planner/estimate.ts";
import type { ExecuteOptions } from "../planner/execute.ts";
import type { ModelSession } from "../session/model-session.ts";
import { dryRun, PassCounter } from "./dry-run.ts";
import { shardsOf } from "./shards.ts";
import type { Sweep } from "./sweep.ts";

/** Shards that are looked at closely; the others are taken to be like them. */
const SAMPLED = 16;

export interface SweepEstimate extends PlanEstimate {
  shards: number;
}

/**
 * What a sweep will cost, without running it. Passes are counted; rows, FLOPs and seconds of sweeps with more than 16 shards are those of 16
 * of them, spread evenly, scaled by passes.
 */
export async function estimateSweep(
  session: ModelSession,
  sweep: Sweep,
  options: Pick<ExecuteOptions, "maxMemory"> = {},
): Promise<SweepEstimate> {
  const { facts } = session.spec;
  const shards = shardsOf(sweep);
  const counter = new PassCounter(sweep, facts);
  let passes = 0;
  for (const shard of shards) passes += await counter.of(shard);
  const sum = { passes: 0, rows: 0, flops: 0, bytes: 0, weights: 0, streamed: 0, seconds: 0 };
  const step = Math.max(1, shards.length / SAMPLED);
  for (let at = 0; at < shards.length; at += step)
    await dryRun(sweep, shards[Math.floor(at)]!, facts, async (plan) => {
      const own = await estimatePlan(session, plan, options);
      for (const key of ["passes", "rows", "flops", "streamed", "seconds"] as const) sum[key] += own[key];
      sum.bytes = Math.max(sum.bytes, own.bytes);
      sum.weights = own.weights;
    });
  const scale = passes / sum.passes;
  return {
    passes,
    rows: Math.round(sum.rows * scale),
    flops: Math.round(sum.flops * scale),
    bytes: sum.bytes,
    weights: sum.weights,
    streamed: Math.round(sum.streamed * scale),
    seconds: sum.seconds * scale,
    shards: shards.length,
  };
}
