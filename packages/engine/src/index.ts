export { EngineError, ERROR_CODES, type ErrorCode } from "./errors.ts";
export { HOOK_POINTS, type HookName, hookName, hookPatterns, parseHookName } from "./hooks/hook-points.ts";
export { type Estimate, notObserved } from "./results/estimate.ts";
export type { LabeledArray } from "./results/labeled-array.ts";
export {
  DEFAULT_SETTINGS,
  KNOWN_FILTERS,
  type ModelSummary,
  type Receipt,
  type RunSettings,
} from "./results/receipt.ts";
export type * from "./results/report.ts";
export { RUN_STEPS, type RunProgress } from "./runner/progress.ts";
export { LEAD_INS } from "./tasks/lead-ins.ts";
export { loadTask } from "./tasks/load-task.ts";
export { type Task, taskSchema } from "./tasks/task.ts";
export type { ActivationsRequest, CallOptions, EngineClient, SweepRequest } from "./worker/client.ts";
