import type { RunComparison } from "../results/comparison.ts";
import type { RunReport } from "../results/report.ts";
import { centreOfMassDelta, compareHeads } from "./compare-heads.ts";
import { compareMetrics } from "./compare-metrics.ts";
import { concentration } from "./concentration.ts";
import { depthDistance, depthProfile } from "./depth.ts";
import { headOverlap } from "./head-overlap.ts";
import { type CompareOptions, loneFacts, pairRuns } from "./pair-runs.ts";
import { runKey } from "./run-facts.ts";

/**
 * Two runs side by side: each number on the run's own known facts, and differences (b minus a) on the facts and prompts that both know, with
 * what was left out counted. Only runs of one task are paired; heads are compared only within one model, depth always.
 * @throws EngineError BAD_INPUT for runs of different semantics versions
 */
export function compareRuns(a: RunReport, b: RunReport, options: CompareOptions = {}): RunComparison {
  const pairing = pairRuns(a, b, options);
  const { resampler, sameModel, sameTask, shared, sharedPrompts, promptsOnlyA, promptsOnlyB } = pairing;
  const [depthA, depthB] = [depthProfile(a, { resampler }), depthProfile(b, { resampler })];
  const heads = compareHeads(pairing);
  return {
    a: runKey(a),
    b: runKey(b),
    sameModel,
    sameTask,
    sharedFacts: shared.size,
    onlyA: loneFacts(a, pairing),
    onlyB: loneFacts(b, pairing),
    sharedPrompts,
    promptsOnlyA,
    promptsOnlyB,
    metrics: compareMetrics(pairing),
    depthA,
    depthB,
    depthDistance: depthDistance(depthA, depthB),
    centreOfMassDelta: centreOfMassDelta(pairing),
    concentrationA: concentration(a),
    concentrationB: concentration(b),
    overlap: headOverlap(a, b),
    heads: Array.isArray(heads) ? heads : [],
    ...(!Array.isArray(heads) && { headsReason: heads.reason }),
  };
}
