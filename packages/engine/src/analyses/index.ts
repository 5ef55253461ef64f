import type { Figure } from "../results/figure.ts";
import type { FurtherReports } from "../results/further.ts";
import type { StudyReports } from "../results/study.ts";
import { activationPatching } from "./argument-passing/activation-patching.ts";
import { subjectAttention } from "./argument-passing/attention.ts";
import { attributionAudit } from "./argument-passing/attribution-audit.ts";
import { headPatching } from "./argument-passing/head-patching.ts";
import { headPositionPatching } from "./argument-passing/head-position-patching.ts";
import { headPositionSweep } from "./argument-passing/head-position-sweep.ts";
import { jointEffect } from "./argument-passing/joint-effect.ts";
import { attentionKnockout } from "./argument-passing/knockout.ts";
import { noiseTracing } from "./argument-passing/noise-tracing.ts";
import { ovCircuit } from "./argument-passing/ov-circuit.ts";
import { pathPatching } from "./argument-passing/path-patching.ts";
import { relationPatching } from "./argument-passing/relation-patching.ts";
import { sourceAttribution } from "./argument-passing/source-attribution.ts";
import { finalLayer } from "./final-layer/final-layer.ts";
import { finalLayerComponents } from "./final-layer/final-layer-components.ts";
import { mitigation } from "./final-layer/mitigation.ts";
import { implicitFunction } from "./function-application/implicit-function.ts";
import { linearMap } from "./function-application/linear-map.ts";
import { redirect } from "./function-application/redirect.ts";
import { trajectories } from "./function-application/trajectories.ts";
import type { FurtherAnalysis, StudyAnalysis } from "./further.ts";
import { decomposition } from "./mlp-activation/decomposition.ts";
import { decompositionViews } from "./mlp-activation/decomposition-views.ts";
import { interceptTests } from "./mlp-activation/intercept-tests.ts";
import { surrogates } from "./mlp-activation/surrogates.ts";
import { directLogitAttribution } from "./prediction/direct-logit-attribution.ts";
import { logitLens } from "./prediction/logit-lens.ts";
import { outcomes } from "./prediction/outcomes.ts";

/** All analyses, by mechanism in the order of the paper. A new one is one file and one line. */
export const ANALYSES = {
  outcomes,
  logitLens,
  directLogitAttribution,
  subjectAttention,
  headPatching,
  decomposition,
  finalLayer,
} as const;
export type AnalysisId = keyof typeof ANALYSES;

/** Analyses that run after those, when `settings.analyses` names them. */
export const FURTHER_ANALYSES = {
  "source-attribution": sourceAttribution,
  "attention-knockout": attentionKnockout,
  "joint-effect": jointEffect,
  "activation-patching": activationPatching,
  "relation-patching": relationPatching,
  "head-position-patching": headPositionPatching,
  "head-position-sweep": headPositionSweep,
  "path-patching": pathPatching,
  "noise-tracing": noiseTracing,
  "ov-circuit": ovCircuit,
  "attribution-audit": attributionAudit,
  "decomposition-views": decompositionViews,
  surrogates,
  trajectories: trajectories,
  redirect: redirect,
  "implicit-function": implicitFunction,
  "linear-map": linearMap,
  "final-layer-components": finalLayerComponents,
  mitigation: mitigation,
} as const satisfies {
  [Id in keyof FurtherReports]: FurtherAnalysis<FurtherReports[Id]>;
};
/** Analyses across the tasks of a study. */
export const STUDY_ANALYSES = {
  "intercept-tests": interceptTests,
} as const satisfies {
  [Id in keyof StudyReports]: StudyAnalysis<StudyReports[Id]>;
};
export type StudyId = keyof typeof STUDY_ANALYSES;
export type FurtherId = keyof typeof FURTHER_ANALYSES;

/** Pictures of a further analysis's report, the most telling first. */
export function figuresOf<Id extends FurtherId>(
  id: Id,
  report: FurtherReports[Id],
  model: { layers: number; headsPerLayer: number },
): Figure[] {
  const analysis = FURTHER_ANALYSES[id] as unknown as FurtherAnalysis<FurtherReports[Id]>;
  return analysis.figures(report, model);
}
