import type { ModelFacts } from "../architectures/architecture.ts";
import type { Attribution, AttributionPair } from "../gradients/attribution.ts";
import type { GradientPrompt, GradientResult } from "../gradients/gradients.ts";
import type { Quadrature } from "../gradients/quadrature.ts";
import type { HookName } from "../hooks/hook-points.ts";
import type { ForwardPass, PassResult } from "../planner/forward-pass.ts";
import type { Figure } from "../results/figure.ts";
import type { LabeledArray } from "../results/labeled-array.ts";
import type { RunReport } from "../results/report.ts";
import type { Task } from "../tasks/task.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import type { Aggregation, FactPrompts, MECHANISMS } from "./analysis.ts";

/** What a further analysis sees: the run so far, and the model through passes. */
export interface FurtherContext extends Aggregation {
  /** The run's report as far as it goes: head effects, movers, decompositions, ... */
  report: RunReport;
  task: Task;
  tokenizer: Tokenizer;
  /** Facts that the model was asked about and does not know. `measured` are the known ones. */
  unknown: readonly FactPrompts[];
  /** Other tasks, for prompts of another relation about the same subjects. */
  related: readonly Task[];
  /** Runs passes in batches, in the given order of results; stops when the run is cancelled. */
  execute(passes: readonly ForwardPass[]): Promise<PassResult[]>;
  /** Gradients of a metric at hook points, of each prompt; stops when the run is cancelled. */
  gradients(prompts: readonly GradientPrompt[], hooks: readonly HookName[]): Promise<GradientResult[]>;
  /** What gradients say of patching each cell of the hooks, of each pair; stops when the run is cancelled. */
  attributions(
    pairs: readonly AttributionPair[],
    hooks: readonly HookName[],
    quadrature?: Quadrature,
  ): Promise<Attribution[]>;
  /** Says how far the analysis is. */
  progress(done: number, total: number): void;
}

/**
 * A measurement that needs several stages of passes (values of one stage go into the next) or what other analyses found. It only sees
 * `measured` facts and runs after the analyses of every run. It never imports another analysis.
 */
export interface AnyFurtherAnalysis<Report> {
  id: string;
  title: string;
  mechanism: (typeof MECHANISMS)[number];
  summary: string;
  /** Cheap enough for every run. */
  standard: boolean;
  /** Why it says nothing of a model of this form; null where it does. Nothing stands for null always. */
  lacks?(model: ModelFacts): string | null;
  /** @returns its report, bulk numbers, and what a reader of the run must know */
  run(context: FurtherContext): Promise<Report & { arrays?: LabeledArray[]; warnings?: string[] }>;
  /** Pictures of its report, the most telling first. */
  figures(report: Report, model: { layers: number; headsPerLayer: number }): Figure[];
}

/** An analysis whose report names corrupted prompts says beforehand which: a run is asked for them. */
type Corrupting<Report> = Report extends { corruption: infer Corruption }
  ? { corruption: Corruption }
  : { corruption?: undefined };

export type FurtherAnalysis<Report> = AnyFurtherAnalysis<Report> & Corrupting<Report>;

export const defineFurther = <Report>(analysis: FurtherAnalysis<Report>) => analysis;

/** One task of a study: several tasks measured on one model. */
export interface StudyTask {
  report: RunReport;
  context: FurtherContext;
}

/** A measurement across the tasks of a study (all on one model, at least two tasks). */
export interface StudyAnalysis<Report> {
  id: string;
  title: string;
  mechanism: (typeof MECHANISMS)[number] | "comparison";
  summary: string;
  run(tasks: readonly StudyTask[]): Promise<Report & { arrays?: LabeledArray[] }>;
}

export const defineStudy = <Report>(analysis: StudyAnalysis<Report>) => analysis;
