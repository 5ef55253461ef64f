export { MEASURED_CORRUPTIONS, type MeasuredCorruption } from "./analyses/corruptions.ts";
export { FURTHER_ANALYSES, type FurtherId, figuresOf } from "./analyses/index.ts";
export { bundledModels } from "./checkpoints/bundled-models.ts";
export { isGguf } from "./checkpoints/gguf/is-gguf.ts";
export { weightsFolderOf } from "./checkpoints/gguf/weights-folder.ts";
export { type HubEnvironment, hubEnvironment } from "./checkpoints/hub-environment.ts";
export { safetensorsHeader, type WrittenTensor } from "./checkpoints/safetensors-header.ts";
export {
  absentWithin,
  assembleStudy,
  axisOf,
  COMPARISON_AXES,
  type ComparisonAxis,
  centreOfMassDelta,
  compareHeads,
  compareMetrics,
  compareRuns,
  concentration,
  type Difference,
  depthDistance,
  depthProfile,
  differencesOf,
  functionalMatching,
  furtherColumns,
  furtherEvidence,
  headOverlap,
  loneFacts,
  mantelTest,
  mechanismRow,
  type PairedRuns,
  pairRuns,
  SKIPPED_CODES,
  taskSimilarity,
} from "./comparison/index.ts";
export { EngineError, ERROR_CODES, type ErrorCode } from "./errors.ts";
export {
  absence,
  HOOK_POINTS,
  type HookName,
  type HookPoint,
  hookName,
  hookPatterns,
  parseHookName,
} from "./hooks/hook-points.ts";
export { Resampler } from "./math/resampler.ts";
export type { Knockout } from "./planner/forward-pass.ts";
export type * from "./results/comparison.ts";
export { MECHANISM_STEPS } from "./results/comparison.ts";
export { type Estimate, notObserved } from "./results/estimate.ts";
export { FIGURE_UNITS, type Figure, type FigureUnit } from "./results/figure.ts";
export { headlineFit, headlineIntercept } from "./results/headline-fit.ts";
export type { LabeledArray } from "./results/labeled-array.ts";
export type * from "./results/live.ts";
export { FLOW_EDGE_KINDS, type FlowEdgeKind } from "./results/live.ts";
export type { ReliabilityBin } from "./results/mitigation.ts";
export {
  DEFAULT_SETTINGS,
  KNOWN_FILTERS,
  type ModelSummary,
  type Receipt,
  type RunSettings,
  SWEEP_MODES,
} from "./results/receipt.ts";
export type * from "./results/report.ts";
export { type ArrayFold, type ArraySlice, type AxisSlice, FOLDS, sliceArray } from "./results/slice-array.ts";
export type { FoundInFacts, SoFar } from "./results/so-far.ts";
export type { StudyReport } from "./results/study.ts";
export { SETTING_RANGES } from "./runner/check-settings.ts";
export type { RunEstimate } from "./runner/estimate-run.ts";
export type {
  ComparedToken,
  InterventionRequest,
  InterventionResult,
  Readings,
  ShownReading,
} from "./runner/intervene.ts";
export type { KnownFacts } from "./runner/known-facts.ts";
export type { LiveAsks, LiveKind, LiveRequest } from "./runner/live/index.ts";
export { LIVE_PLACES, type LivePlaces, MAX_LIVE_PLACES } from "./runner/live/patching.ts";
export { promptEffects } from "./runner/live/prompt-effects.ts";
export { hasFloat16 } from "./runner/open-on-device.ts";
export type { RunPreview } from "./runner/preview.ts";
export { RUN_STEPS, type RunProgress } from "./runner/progress.ts";
export {
  assembleShards,
  type RunRequest,
  type ShardRequest,
  type ShardResult,
} from "./runner/shard-calls.ts";
export { deviceOfSource, type ShardPlan, wantedAnalyses } from "./runner/shards.ts";
export { soFar } from "./runner/so-far.ts";
export type { SweepChoice, SweepRequest } from "./runner/sweep.ts";
export type { SweepInput } from "./runner/sweep-input.ts";
export { ENGINE_VERSION, SEMANTICS_VERSION } from "./runner/version.ts";
export {
  DEFAULT_DEVICE,
  DEFAULT_PRECISION,
  DEVICE_CHOICES,
  DEVICES,
  type Device,
  type DeviceChoice,
  PRECISIONS,
  type Precision,
} from "./session/device.ts";
export { SCALED_POINTS, type ScaledPoint } from "./sweeps/alpha.ts";
export { SWEEP_KINDS, type SweepKind, type SweepPosition } from "./sweeps/changes.ts";
export type { SweepEstimate } from "./sweeps/estimate-sweep.ts";
export type { HeadRef } from "./sweeps/head-pairs.ts";
export { SWEEP_IDS, type SweepId, type SweepOptions } from "./sweeps/index.ts";
export type { KeySpan } from "./sweeps/knockout.ts";
export { STREAM_POINTS, type StreamPoint } from "./sweeps/layers-positions.ts";
export type { LiveEdit } from "./sweeps/live.ts";
export type { Receiver } from "./sweeps/path-patching/paths.ts";
export { SENDERS } from "./sweeps/paths.ts";
export { describeTask, type TaskDescription } from "./tasks/describe-task.ts";
export { LEAD_INS } from "./tasks/lead-ins.ts";
export { loadTask, parseTask, taskHash } from "./tasks/load-task.ts";
export { relatedTasks } from "./tasks/related-tasks.ts";
export { type Task, taskSchema } from "./tasks/task.ts";
export type { Imported, ImportOptions } from "./tasks/transfer/build-task.ts";
export { EXPORT_FORMATS, type ExportFormat, exportTask } from "./tasks/transfer/export-task.ts";
export {
  CHANGE_RULES,
  countRules,
  DROP_RULES,
  type ImportReport,
} from "./tasks/transfer/import-report.ts";
export {
  IMPORT_FORMATS,
  type ImportFormat,
  type ImportResult,
  importTasks,
} from "./tasks/transfer/import-tasks.ts";
export type { ActivationsRequest, CallOptions, EngineClient } from "./worker/client.ts";
