export { FURTHER_ANALYSES, type FurtherId, figuresOf } from "./analyses/index.ts";
export { bundledModels } from "./checkpoints/bundled-models.ts";
export {
  compareRuns,
  functionalMatching,
  headOverlap,
  mantelTest,
  mechanismRow,
  taskSimilarity,
} from "./comparison/index.ts";
export { EngineError, ERROR_CODES, type ErrorCode } from "./errors.ts";
export { HOOK_POINTS, type HookName, hookName, hookPatterns, parseHookName } from "./hooks/hook-points.ts";
export type * from "./results/comparison.ts";
export { type Estimate, notObserved } from "./results/estimate.ts";
export { FIGURE_UNITS, type Figure } from "./results/figure.ts";
export type { LabeledArray } from "./results/labeled-array.ts";
export {
  DEFAULT_SETTINGS,
  KNOWN_FILTERS,
  type ModelSummary,
  type Receipt,
  type RunSettings,
} from "./results/receipt.ts";
export type * from "./results/report.ts";
export type { StudyReport } from "./results/study.ts";
export { SETTING_RANGES } from "./runner/check-settings.ts";
export type { RunPreview } from "./runner/preview.ts";
export { RUN_STEPS, type RunProgress } from "./runner/progress.ts";
export { ENGINE_VERSION, SEMANTICS_VERSION } from "./runner/version.ts";
export { LEAD_INS } from "./tasks/lead-ins.ts";
export { loadTask, parseTask, taskHash } from "./tasks/load-task.ts";
export { relatedTasks } from "./tasks/related-tasks.ts";
export { type Task, taskSchema } from "./tasks/task.ts";
export type { ActivationsRequest, CallOptions, EngineClient, SweepRequest } from "./worker/client.ts";
