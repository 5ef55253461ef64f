import { subjectAttention } from "./argument-passing/attention.ts";
import { headPatching } from "./argument-passing/head-patching.ts";
import { finalLayer } from "./final-layer/final-layer.ts";
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
