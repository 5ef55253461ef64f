import type { StudyTask } from "../analyses/further.ts";
import { FURTHER_ANALYSES } from "../analyses/index.ts";
import type { ModelFacts } from "../architectures/architecture.ts";
import { EngineError } from "../errors.ts";
import { throwIfCancelled } from "../planner/execute.ts";
import type { RunSettings } from "../results/receipt.ts";
import type { RunReport } from "../results/report.ts";
import type { Task } from "../tasks/task.ts";
import { type AskedTask, askTask } from "./ask-task.ts";
import { checkSettings } from "./check-settings.ts";
import { type MeasuredFact, measureFacts } from "./measure-facts.ts";
import type { OpenModel } from "./open-model.ts";
import { ProgressMeter, type RunProgress } from "./progress.ts";
import { furtherContext } from "./run-context.ts";
import { type FurtherPart, runFurther, withFurther } from "./run-further.ts";
import { planShards } from "./shards.ts";
import { SUMMARY_PARTS, summariseRun } from "./summarise-run.ts";

export interface RunOptions {
  /** Other tasks, for prompts of another relation about the same subjects. */
  related?: readonly Task[];
  /** This run's report, where it was made before: nothing is measured again. */
  finished?: RunReport;
  signal?: AbortSignal;
  onProgress?: (progress: RunProgress) => void;
}

/** One run; the same input gives the same report. */
export async function runTask(
  model: OpenModel,
  task: Task,
  settings: RunSettings,
  options: RunOptions = {},
): Promise<RunReport> {
  return (await measureTask(model, task, settings, options)).report;
}

/** @throws EngineError BAD_SETTINGS, UNSUPPORTED_MODEL, BAD_TASK, BAD_TOKENIZER */
export function askRun(model: OpenModel, task: Task, settings: RunSettings): AskedTask {
  checkSettings(settings);
  checkAdditive(model.session.spec.facts, model.summary.name);
  return askTask(model, task, settings);
}

/** What a run says of components rests on their outputs adding up to the final stream. */
function checkAdditive({ postNorm }: ModelFacts, name: string): void {
  if (postNorm !== "stream") return;
  throw new EngineError(
    "UNSUPPORTED_MODEL",
    `run of ${name}: its norms stand on the residual stream itself, so that what heads and MLPs write does not add up to the final state, on which attributions and decompositions rest (possible with this model: sweeps, live interventions, activations)`,
  );
}

/**
 * A run and the context that its analyses saw. Its parts are those that `planShards` names, one after the other: a run whose parts were
 * computed by several machines gives the same numbers.
 */
export async function measureTask(
  model: OpenModel,
  task: Task,
  settings: RunSettings,
  options: RunOptions = {},
): Promise<StudyTask> {
  const started = new Date();
  const { signal, related = [], finished } = options;
  const meter = new ProgressMeter(options.onProgress);
  meter.step("prompts", 1);
  const asked = askRun(model, task, settings);
  meter.done(1);
  const contextOf = (report: RunReport) =>
    furtherContext(model, task, asked, report, { related, ...(signal && { signal }) });
  if (finished) return { report: finished, context: contextOf(finished) };

  const plan = planShards(model, asked, settings);
  meter.step("facts", asked.facts.length);
  const measured: MeasuredFact[] = [];
  for (const range of plan.facts)
    measured.push(
      ...(await measureFacts(model, asked, range, {
        ...(signal && { signal }),
        onDone: (facts) => meter.done(range.from + facts),
      })),
    );

  meter.step("statistics", SUMMARY_PARTS);
  const base = await summariseRun(model, task, asked, measured, {
    started,
    related,
    ...(signal && { signal }),
    onDone: (parts) => meter.done(parts),
  });

  meter.step("further", Math.max(1, plan.further.length));
  const context = contextOf(base);
  const parts: FurtherPart[] = [];
  for (const [i, id] of plan.further.entries()) {
    throwIfCancelled(signal);
    const { title } = FURTHER_ANALYSES[id];
    meter.done(i, title);
    const progress = (done: number, total: number) => meter.done(i + done / Math.max(1, total), title);
    parts.push(await runFurther({ ...context, progress }, id));
  }
  const report = withFurther(base, parts);
  report.receipt.seconds = (Date.now() - started.getTime()) / 1000;
  return { report, context: { ...context, report } };
}
