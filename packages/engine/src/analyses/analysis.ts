import type { ModelFacts } from "../architectures/architecture.ts";
import type { FactBootstrap } from "../math/fact-bootstrap.ts";
import type { ForwardPass, PassResult } from "../planner/forward-pass.ts";
import type { LabeledArray } from "../results/labeled-array.ts";
import type { RunSettings } from "../results/receipt.ts";
import type { PreparedFact, PreparedPrompt } from "../tasks/prepare.ts";
import type { Instruments } from "./instruments.ts";

export const MECHANISMS = [
  "prediction",
  "argument passing",
  "MLP activation",
  "function application",
  "final layer",
] as const;

/** With fewer known facts only descriptive numbers are given: no mover, label or verdict. */
export const SUFFICIENT_FACTS = 8;

/** What all analyses of a run see. Numbers of the model come through `instruments`. */
export interface AnalysisContext {
  model: ModelFacts;
  settings: RunSettings;
  /** All admitted facts, and the tokens of the distinct answers. */
  facts: readonly (PreparedFact & { subjectToken: number })[];
  candidates: readonly number[];
  instruments: Instruments;
}

/** One fact with its prompts: the unit of observation. */
export interface FactPrompts {
  index: number;
  prompts: readonly PreparedPrompt[];
}

export interface Aggregation extends AnalysisContext {
  /** The facts that `measurements` belong to, in the same order; the bootstrap draws among them. */
  measured: readonly FactPrompts[];
  bootstrap: FactBootstrap;
}

/**
 * One measurement of a run. Pure: it names the passes it needs as data, reduces one fact's results to the few numbers worth keeping (so
 * that activations can be dropped), and turns all facts' numbers into its part of the report. It never runs a model and never
 * imports another analysis; passes that coincide with another analysis's are run once.
 */
export interface Analysis<Measurement, Report> {
  id: string;
  title: string;
  mechanism: (typeof MECHANISMS)[number];
  summary: string;
  /** Passes of one prompt. `value: { pass }` counts within this list. */
  passes(prompt: PreparedPrompt, context: AnalysisContext): ForwardPass[];
  /** @param results per prompt of the fact, per pass of `passes` */
  measure(
    fact: FactPrompts,
    results: readonly (readonly PassResult[])[],
    context: AnalysisContext,
  ): Promise<Measurement> | Measurement;
  aggregate(measurements: readonly Measurement[], context: Aggregation): Promise<Report> | Report;
}

/** A report part that comes with bulk numbers. */
export interface WithArrays<Report> {
  report: Report;
  arrays: LabeledArray[];
}

export const defineAnalysis = <Measurement, Report>(analysis: Analysis<Measurement, Report>) => analysis;
