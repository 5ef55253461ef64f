import type { Aggregation, AnalysisContext, FactPrompts } from "../analyses/analysis.ts";
import type { FurtherContext, StudyTask } from "../analyses/further.ts";
import { ANALYSES } from "../analyses/index.ts";
import { isKnown, type Outcome } from "../analyses/prediction/outcomes.ts";
import type { ModelFacts } from "../architectures/architecture.ts";
import { EngineError } from "../errors.ts";
import { attributions } from "../gradients/attribution.ts";
import { gradients } from "../gradients/gradients.ts";
import { FactBootstrap } from "../math/fact-bootstrap.ts";
import { inGroups } from "../math/in-groups.ts";
import { execute, throwIfCancelled } from "../planner/execute.ts";
import { mergePasses } from "../planner/merge-passes.ts";
import type { RunSettings } from "../results/receipt.ts";
import type { RunReport } from "../results/report.ts";
import type { Task } from "../tasks/task.ts";
import { askTask } from "./ask-task.ts";
import { assembleReport } from "./assemble-report.ts";
import { checkSettings } from "./check-settings.ts";
import type { OpenModel } from "./open-model.ts";
import { ProgressMeter, type RunProgress } from "./progress.ts";
import { runFurther } from "./run-further.ts";

export interface RunOptions {
  /** Other tasks, for prompts of another relation about the same subjects. */
  related?: readonly Task[];
  /** This run's report, where it was made before: nothing is measured again. */
  finished?: RunReport;
  signal?: AbortSignal;
  onProgress?: (progress: RunProgress) => void;
}

/** Analyses of the clean pass that look at known facts only. */
const ON_KNOWN = [
  "logitLens",
  "directLogitAttribution",
  "subjectAttention",
  "decomposition",
  "finalLayer",
] as const;
type KnownAnalysis = (typeof ON_KNOWN)[number];
type MeasurementOf<Id extends keyof typeof ANALYSES> = Awaited<ReturnType<(typeof ANALYSES)[Id]["measure"]>>;

/** Facts whose passes go through the model together. */
const FACTS_PER_STEP = 4;

/** One run; the same input gives the same report. */
export async function runTask(
  model: OpenModel,
  task: Task,
  settings: RunSettings,
  options: RunOptions = {},
): Promise<RunReport> {
  return (await measureTask(model, task, settings, options)).report;
}

/** What a run says of components rests on their outputs adding up to the final stream. */
function checkAdditive({ postNorm }: ModelFacts, name: string): void {
  if (postNorm !== "stream") return;
  throw new EngineError(
    "UNSUPPORTED_MODEL",
    `run of ${name}: its norms stand on the residual stream itself, so that what heads and MLPs write does not add up to the final state, on which attributions and decompositions rest (possible with this model: sweeps, live interventions, activations)`,
  );
}

/** A run and the context that its analyses saw: prompts, clean passes, patching, statistics, further analyses, in that order. */
export async function measureTask(
  model: OpenModel,
  task: Task,
  settings: RunSettings,
  options: RunOptions = {},
): Promise<StudyTask> {
  const started = new Date();
  const { signal, related = [] } = options;
  checkSettings(settings);
  const meter = new ProgressMeter(options.onProgress);
  meter.step("prompts", 1);
  checkAdditive(model.session.spec.facts, model.summary.name);
  const { prepared, context, facts } = askTask(model, task, settings);
  meter.done(1);

  const aggregation = (set: readonly FactPrompts[]): Aggregation => ({
    ...context,
    measured: set,
    bootstrap: new FactBootstrap(
      set.length,
      settings.bootstrapSamples,
      settings.seed,
      set.map(({ index }) => prepared.facts[index]!.subject),
    ),
  });
  const further = (onKnown: Aggregation, report: RunReport): FurtherContext => ({
    ...onKnown,
    report,
    task,
    tokenizer: model.tokenizer,
    unknown: facts.filter((fact) => !onKnown.measured.includes(fact)),
    related,
    execute: (passes) => execute(model.session, passes, { ...(signal && { signal }) }),
    gradients: (prompts, hooks) => gradients(model.session, prompts, hooks, { ...(signal && { signal }) }),
    attributions: (pairs, hooks, quadrature) =>
      attributions(model.session, pairs, hooks, {
        ...(quadrature && { quadrature }),
        ...(signal && { signal }),
      }),
    progress: () => {},
  });
  const { finished } = options;
  if (finished) {
    const known = facts.filter(({ index }) => finished.task.facts[index]!.known);
    return { report: finished, context: further(aggregation(known), finished) };
  }

  meter.step("clean", facts.length);
  const outcomes: Outcome[][] = [];
  const known: FactPrompts[] = [];
  const measured: { [Id in KnownAnalysis]: MeasurementOf<Id>[] } = {
    logitLens: [],
    directLogitAttribution: [],
    subjectAttention: [],
    decomposition: [],
    finalLayer: [],
  };
  for (const group of inGroups(facts, FACTS_PER_STEP)) {
    throwIfCancelled(signal);
    const ids = ["outcomes", ...ON_KNOWN] as const;
    const prompts = group.flatMap((fact) => fact.prompts);
    const merged = mergePasses(
      ids.flatMap((id) => prompts.map((prompt) => ANALYSES[id].passes(prompt, context))),
    );
    const results = await execute(model.session, merged.passes, { ...(signal && { signal }) });
    const of = (id: (typeof ids)[number], fact: FactPrompts) =>
      fact.prompts.map((prompt) =>
        merged.resultsOf(results, ids.indexOf(id) * prompts.length + prompts.indexOf(prompt)),
      );
    for (const fact of group) {
      throwIfCancelled(signal);
      const own = await ANALYSES.outcomes.measure(fact, of("outcomes", fact), context);
      outcomes.push(own);
      if (isKnown(own, settings.knownFilter)) {
        known.push(fact);
        for (const id of ON_KNOWN) await measureInto(measured, id, fact, of(id, fact), context);
      }
      meter.done(outcomes.length);
    }
  }
  if (known.length === 0) throw noKnownFacts(task, settings, prepared.facts, outcomes);

  const headCount = context.model.layers * context.model.heads;
  meter.step("patching", known.length);
  const patched: MeasurementOf<"headPatching">[] = [];
  for (const group of inGroups(
    known,
    Math.max(1, Math.floor(16384 / (2 * headCount * known[0]!.prompts.length))),
  )) {
    const prompts = group.flatMap((fact) => fact.prompts);
    const merged = mergePasses(prompts.map((prompt) => ANALYSES.headPatching.passes(prompt, context)));
    const results = await execute(model.session, merged.passes, { ...(signal && { signal }) });
    for (const fact of group) {
      const own = fact.prompts.map((prompt) => merged.resultsOf(results, prompts.indexOf(prompt)));
      patched.push(await ANALYSES.headPatching.measure(fact, own, context));
    }
    meter.done(patched.length);
  }

  meter.step("statistics", 4);
  const [onAll, onKnown] = [aggregation(facts), aggregation(known)];
  const step = async <Result>(done: number, result: Result | Promise<Result>): Promise<Result> => {
    const value = await result;
    meter.done(done);
    throwIfCancelled(signal);
    return value;
  };
  const parts = {
    outcomes: await ANALYSES.outcomes.aggregate(outcomes, onAll),
    lens: await ANALYSES.logitLens.aggregate(measured.logitLens, onKnown),
    attribution: await ANALYSES.directLogitAttribution.aggregate(measured.directLogitAttribution, onKnown),
    attention: await step(1, ANALYSES.subjectAttention.aggregate(measured.subjectAttention, onKnown)),
    patching: await step(2, ANALYSES.headPatching.aggregate(patched, onKnown)),
    decomposition: await step(3, ANALYSES.decomposition.aggregate(measured.decomposition, onKnown)),
    finalLayer: await step(4, ANALYSES.finalLayer.aggregate(measured.finalLayer, onKnown)),
  };
  const base = assembleReport({
    model,
    task,
    settings,
    prepared,
    outcomes,
    known,
    parts,
    started,
    related,
  });

  meter.step("further", 1);
  const report = await runFurther(further(onKnown, base), (share, title) => meter.done(share, title), signal);
  report.receipt.seconds = (Date.now() - started.getTime()) / 1000;
  return { report, context: further(onKnown, report) };
}

async function measureInto<Id extends KnownAnalysis>(
  measured: { [K in KnownAnalysis]: MeasurementOf<K>[] },
  id: Id,
  fact: FactPrompts,
  results: Parameters<(typeof ANALYSES)[Id]["measure"]>[1],
  context: AnalysisContext,
): Promise<void> {
  const value = await ANALYSES[id].measure(fact, results, context);
  (measured[id] as unknown[]).push(value);
}

function noKnownFacts(
  task: Task,
  settings: RunSettings,
  facts: readonly { subject: string; answer: string }[],
  outcomes: readonly Outcome[][],
) {
  const closest = outcomes
    .flatMap((own, fact) => own.map(({ rank }) => ({ fact, rank })))
    .reduce((best, o) => (o.rank < best.rank ? o : best));
  const { subject, answer } = facts[closest.fact]!;
  return new EngineError(
    "NO_KNOWN_FACTS",
    `task ${task.id}: the model knows none of ${facts.length} facts under ${settings.knownFilter} (closest: ${subject} -> ${answer} at rank ${closest.rank}); try more shots (now ${settings.shots}), a wider known filter (TOP10, CANDIDATE_TOP1) or a larger model`,
  );
}
