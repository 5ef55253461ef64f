import { deserialize, serialize } from "node:v8";
import { FURTHER_ANALYSES, type FurtherId } from "../analyses/index.ts";
import type { RunSettings } from "../results/receipt.ts";
import type { RunReport } from "../results/report.ts";
import type { FoundInFacts } from "../results/so-far.ts";
import type { Task } from "../tasks/task.ts";
import type { AskedTask } from "./ask-task.ts";
import { type MeasuredFact, measureFacts } from "./measure-facts.ts";
import type { OpenModel } from "./open-model.ts";
import { ProgressMeter, type RunProgress } from "./progress.ts";
import { furtherContext } from "./run-context.ts";
import { type FurtherPart, runFurther, withFurther } from "./run-further.ts";
import { askRun } from "./run-task.ts";
import { planShards, type ShardPlan, sourceOf } from "./shards.ts";
import { foundInFacts } from "./so-far.ts";
import { SUMMARY_PARTS, summariseRun } from "./summarise-run.ts";

export interface RunRequest {
  model: string;
  task: Task;
  settings: RunSettings;
  related?: readonly Task[];
}

/** One part of a run: some facts; what all facts together say; or a further analysis on that. */
export type ShardRequest =
  | { kind: "facts"; from: number; to: number }
  | { kind: "summary"; facts: readonly Uint8Array[]; startedAt: Date }
  | { kind: "further"; id: FurtherId; summary: Uint8Array };

export interface ShardResult {
  /** See `ShardPlan.source`. */
  source: string;
  seconds: number;
  /** What other shards, and `assembleShards`, take up: exact to the bit. */
  bytes: Uint8Array;
  /** Of a shard of facts: what `soFar` tells of an unfinished run from. */
  found: FoundInFacts | null;
}

export interface ShardOptions {
  signal?: AbortSignal;
  /** `fraction` counts within the shard. */
  onProgress?: (progress: RunProgress) => void;
}

/** How a run is cut. @throws EngineError BAD_SETTINGS, UNSUPPORTED_MODEL, BAD_TASK */
export const planRun = (model: OpenModel, { task, settings }: RunRequest): ShardPlan =>
  planShards(model, askRun(model, task, settings), settings);

/** Computes one shard. @throws EngineError NO_KNOWN_FACTS, CANCELLED, ... as a run does */
export async function runShard(
  model: OpenModel,
  request: RunRequest,
  shard: ShardRequest,
  options: ShardOptions,
): Promise<ShardResult> {
  const started = Date.now();
  const asked = askRun(model, request.task, request.settings);
  const value = await compute(model, request, asked, shard, options);
  return {
    source: sourceOf(model),
    seconds: (Date.now() - started) / 1000,
    bytes: serialize(value),
    found: shard.kind === "facts" ? foundInFacts(value as MeasuredFact[], model.session.spec.facts) : null,
  };
}

function compute(
  model: OpenModel,
  { task, related = [] }: RunRequest,
  asked: AskedTask,
  shard: ShardRequest,
  { signal, onProgress = () => {} }: ShardOptions,
): Promise<MeasuredFact[] | RunReport | FurtherPart> {
  const cancel = { ...(signal && { signal }) };
  const meter = new ProgressMeter((progress) =>
    onProgress({ ...progress, fraction: progress.done / progress.total }),
  );
  switch (shard.kind) {
    case "facts":
      meter.step("facts", shard.to - shard.from);
      return measureFacts(model, asked, shard, { ...cancel, onDone: (facts) => meter.done(facts) });
    case "summary": {
      meter.step("statistics", SUMMARY_PARTS);
      const measured = shard.facts.flatMap((bytes) => deserialize(bytes) as MeasuredFact[]);
      const { startedAt: started } = shard;
      const onDone = (parts: number) => meter.done(parts);
      return summariseRun(model, task, asked, measured, { started, related, ...cancel, onDone });
    }
    case "further": {
      meter.step("further", 1);
      const { title } = FURTHER_ANALYSES[shard.id];
      const progress = (done: number, total: number) => meter.done(done / Math.max(1, total), title);
      const report = deserialize(shard.summary) as RunReport;
      return runFurther(
        furtherContext(model, task, asked, report, { related, ...cancel, progress }),
        shard.id,
      );
    }
  }
}

/**
 * The report of a run whose shards are all there.
 * @param further in the order of the plan
 * @param seconds that all shards took together
 */
export function assembleShards(
  summary: Uint8Array,
  further: readonly Uint8Array[],
  seconds: number,
): RunReport {
  const report = withFurther(
    deserialize(summary) as RunReport,
    further.map((bytes) => deserialize(bytes) as FurtherPart),
  );
  return { ...report, receipt: { ...report.receipt, seconds } };
}
