import type { ModelSummary, RunSettings } from "../results/receipt.ts";
import type { RunReport } from "../results/report.ts";
import type { StudyReport } from "../results/study.ts";
import type { RunEstimate } from "../runner/estimate-run.ts";
import type { InterventionRequest, InterventionResult } from "../runner/intervene.ts";
import type { KnownFacts } from "../runner/known-facts.ts";
import type { LiveAsks, LiveKind, LiveRequest } from "../runner/live/index.ts";
import type { RunPreview } from "../runner/preview.ts";
import type { RunProgress } from "../runner/progress.ts";
import type { RunRequest, ShardRequest, ShardResult } from "../runner/shard-calls.ts";
import type { ShardPlan } from "../runner/shards.ts";
import type { SweepRequest } from "../runner/sweep.ts";
import type { Precision } from "../session/device.ts";
import type { SweepEstimate } from "../sweeps/estimate-sweep.ts";
import type { SweepOptions } from "../sweeps/index.ts";
import type { Task } from "../tasks/task.ts";

export interface ActivationsRequest {
  model: string;
  input: { input_ids: number[][] } | { prompts: string[] };
  /** Hook names; globs allowed; `logits` too. */
  hooks: string[];
  out: string;
}
/** The engine in a worker thread: one call at a time, the event loop of the caller stays free. Errors arrive as EngineError. */
export interface EngineClient {
  inspect(model: string, options?: CallOptions, precision?: Precision): Promise<ModelSummary>;
  run(request: RunRequest, options?: CallOptions): Promise<RunReport>;
  /** What a run's forward passes would cost; nothing is run but a few calls that are timed. */
  estimateRun(request: RunRequest, options?: CallOptions): Promise<RunEstimate>;
  /** How a run is cut into shards, which may be computed by different engines. */
  plan(request: RunRequest, options?: CallOptions): Promise<ShardPlan>;
  /** One shard of a run; progress counts within it. `assembleShards` makes the report of all. */
  shard(request: RunRequest & { shard: ShardRequest }, options?: CallOptions): Promise<ShardResult>;
  /**
   * Several tasks on one model; `onRun` of the options gets each new run as soon as it is done. Related tasks are looked for in `pool`; tasks
   * with a report in `finished` are not measured again.
   */
  study(
    request: {
      model: string;
      tasks: readonly Task[];
      pool: readonly Task[];
      settings: RunSettings;
      finished?: readonly RunReport[];
    },
    options?: CallOptions & { onRun?: (report: RunReport) => void },
  ): Promise<StudyReport>;
  /** What a run would ask, without reading weights; `first` limits the prompts shown. */
  preview(
    request: { model: string; task: Task; settings: RunSettings; first: number },
    options?: CallOptions,
  ): Promise<RunPreview>;
  /** What the model knows of a task: the predictions of a run without its measurements. */
  known(
    request: { model: string; task: Task; settings: RunSettings },
    options?: CallOptions,
  ): Promise<KnownFacts>;
  activations(
    request: ActivationsRequest,
    options?: CallOptions,
  ): Promise<{ tensors: { name: string; shape: number[] }[] }>;
  /** Writes a sweep's arrays; one that was interrupted goes on when it is asked for again with the same `out`. */
  sweep(
    request: SweepRequest,
    options?: CallOptions,
  ): Promise<{ tensors: { name: string; shape: number[] }[] }>;
  /** What a sweep would cost, without running it. */
  estimateSweep(
    request: Omit<SweepRequest, "sweep" | "out"> & { sweep: SweepOptions },
    options?: CallOptions,
  ): Promise<SweepEstimate>;
  /** What one prompt is continued with before and after some changes. */
  intervene(request: InterventionRequest, options?: CallOptions): Promise<InterventionResult>;
  /** One thing about one prompt of a run, as long as the model is still the one that the run was made with. */
  live<Kind extends LiveKind>(
    request: LiveRequest<Kind>,
    options?: CallOptions,
  ): Promise<LiveAsks[Kind]["result"]>;
  close(): Promise<void>;
}
export interface CallOptions {
  onProgress?: (progress: RunProgress) => void;
  signal?: AbortSignal;
}
