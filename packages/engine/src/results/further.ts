import type { ActivationPatchingReport, HeadPositionPatchingReport } from "./activation-patching.ts";
import type { AttributionAuditReport } from "./attribution-audit.ts";
import type { DecompositionViewsReport } from "./decomposition-views.ts";
import type { FinalLayerComponentsReport } from "./final-layer-components.ts";
import type { HeadPositionSweepReport } from "./head-position-sweep.ts";
import type { ImplicitFunctionReport } from "./implicit-function.ts";
import type { JointEffectReport } from "./joint-effect.ts";
import type { AttentionKnockoutReport } from "./knockout.ts";
import type { LinearMapReport } from "./linear-map.ts";
import type { MitigationReport } from "./mitigation.ts";
import type { NoiseTracingReport } from "./noise-tracing.ts";
import type { OvCircuitReport } from "./ov-circuit.ts";
import type { PathPatchingReport } from "./path-patching.ts";
import type { RedirectReport } from "./redirect.ts";
import type { RelationPatchingReport } from "./relation-patching.ts";
import type { SourceAttributionReport } from "./source-attribution.ts";
import type { SurrogatesReport } from "./surrogates.ts";
import type { TrajectoriesReport } from "./trajectories.ts";

/** Reports of the further analyses, by id. Each type stands in a file of its own in this folder. */
export interface FurtherReports {
  "source-attribution": SourceAttributionReport;
  "attention-knockout": AttentionKnockoutReport;
  "joint-effect": JointEffectReport;
  "activation-patching": ActivationPatchingReport;
  "relation-patching": RelationPatchingReport;
  "head-position-patching": HeadPositionPatchingReport;
  "head-position-sweep": HeadPositionSweepReport;
  "path-patching": PathPatchingReport;
  "noise-tracing": NoiseTracingReport;
  "ov-circuit": OvCircuitReport;
  "attribution-audit": AttributionAuditReport;
  "decomposition-views": DecompositionViewsReport;
  surrogates: SurrogatesReport;
  trajectories: TrajectoriesReport;
  redirect: RedirectReport;
  "implicit-function": ImplicitFunctionReport;
  "linear-map": LinearMapReport;
  "final-layer-components": FinalLayerComponentsReport;
  mitigation: MitigationReport;
}
