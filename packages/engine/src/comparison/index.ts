export { assembleStudy, SKIPPED_CODES } from "./assemble-study.ts";
export { assign } from "./assignment.ts";
export {
  axisOf,
  COMPARISON_AXES,
  type Comparable,
  type ComparisonAxis,
  type Difference,
  differencesOf,
} from "./comparability.ts";
export { centreOfMassDelta, compareHeads } from "./compare-heads.ts";
export { compareMetrics } from "./compare-metrics.ts";
export { compareRuns } from "./compare-runs.ts";
export { concentration } from "./concentration.ts";
export { depthDistance, depthProfile } from "./depth.ts";
export { functionalMatching } from "./functional-matching.ts";
export { furtherColumns, furtherEvidence, interceptEvidence } from "./further-evidence.ts";
export { headOverlap } from "./head-overlap.ts";
export { mechanismRow, type RowOptions } from "./mechanism-table.ts";
export { type CompareOptions, loneFacts, type PairedRuns, pairRuns } from "./pair-runs.ts";
export { mantelTest, taskSimilarity } from "./task-similarity.ts";
export { absentWithin, judge } from "./verdict.ts";
