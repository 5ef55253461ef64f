import type { FurtherReports } from "../results/further.ts";
import type { StudyReports } from "../results/study.ts";
import { subjectAttention } from "./argument-passing/attention.ts";
import { headPatching } from "./argument-passing/head-patching.ts";
import { finalLayer } from "./final-layer/final-layer.ts";
import type { FurtherAnalysis, StudyAnalysis } from "./further.ts";
import { decomposition } from "./mlp-activation/decomposition.ts";
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
export const FURTHER_ANALYSES = {} as const satisfies {
  [Id in keyof FurtherReports]: FurtherAnalysis<FurtherReports[Id]>;
};
/** Analyses across the tasks of a study. */
export const STUDY_ANALYSES = {} as const satisfies {
  [Id in keyof StudyReports]: StudyAnalysis<StudyReports[Id]>;
};
export type StudyId = keyof typeof STUDY_ANALYSES;
export type FurtherId = keyof typeof FURTHER_ANALYSES;
