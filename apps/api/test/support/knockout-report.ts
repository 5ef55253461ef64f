import type { Estimate, RunReport } from "@recallscope/engine";

type KnockoutReport = NonNullable<NonNullable<RunReport["further"]>["attention-knockout"]>;

/** A small report of knock-outs: one curve of two windows. */
export const knockoutReport = (estimate: (value: number) => Estimate): KnockoutReport => ({
  prompts: 3,
  facts: 3,
  radius: 1,
  cleanLogProb: estimate(-1),
  cleanProbability: estimate(0.4),
  cleanCandidateLogitDiff: estimate(2),
  curves: [
    {
      target: "subject",
      prompts: 3,
      largestDrop: estimate(0.25),
      windows: [0, 1].map((layer) => ({
        layer,
        from: 0,
        to: 1,
        logProb: estimate(-3 - layer),
        relativeLogProb: estimate(-3),
        relativeProbability: estimate(-0.9),
        candidateLogitDiff: estimate(-2),
      })),
    },
  ],
});
