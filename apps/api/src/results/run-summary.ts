import { type Estimate, headlineFit, type RunReport } from "@recallscope/engine";

/** The small numbers of a run that lists show. */
export interface RunSummary {
  factsKnown: number;
  factsTotal: number;
  sufficient: boolean;
  top1: Estimate;
  candidateTop1: Estimate;
  probability: Estimate;
  medianRank: number | null;
  topMover: string | null;
  topMoverEffect: Estimate | null;
  moverCount: number;
  headlineLayer: number | null;
  r2HeldOut: number | null;
  finalLayerChange: Estimate;
  suppression: "OBSERVED" | "NOT_OBSERVED" | "INCONCLUSIVE";
}

export function summarise(report: RunReport): RunSummary {
  const { task, prediction, argumentPassing, mlpActivation, finalLayer } = report;
  const top = argumentPassing.heads.filter((head) => head.mover).sort((a, b) => a.rank - b.rank)[0];
  return {
    factsKnown: task.factsKnown,
    factsTotal: task.factsTotal,
    sufficient: task.sufficient,
    top1: prediction.top1,
    candidateTop1: prediction.candidateTop1,
    probability: prediction.probability,
    medianRank: prediction.medianRank,
    topMover: top?.label ?? null,
    topMoverEffect: top?.effect ?? null,
    moverCount: argumentPassing.movers.length,
    headlineLayer: mlpActivation.headlineLayer,
    r2HeldOut: headlineFit(report)?.r2HeldOut.mean ?? null,
    finalLayerChange: finalLayer.logProbChange,
    suppression: finalLayer.suppression,
  };
}
