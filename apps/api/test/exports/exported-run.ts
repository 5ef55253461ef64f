import { DEFAULT_SETTINGS, type RunReport, type RunSettings, type Task } from "@recallscope/engine";
import { fakeReport } from "../support/fake-report.ts";

export const SETTINGS: RunSettings = { ...DEFAULT_SETTINGS, analyses: ["attention-knockout"] };
const estimate = (value: number) => ({ value, low: value - 1 / 3, high: value + 1 / 3, n: 3 });

/** Bits that a computation may not change unseen: a quiet NaN with a payload, a signalling one, -0, the least number. */
export const BITS = Uint32Array.of(0x7fc12345, 0x7f800001, 0x80000000, 0x00000001);

/** A report with a further analysis, texts that are hard to write down, and numbers that are easily rounded. */
export function hardReport(task: Task, changes: Partial<RunReport> = {}): RunReport {
  const report = fakeReport("demo", task, SETTINGS);
  const [first] = report.functionApplication.intercepts;
  first!.top.push({ token: 9, text: ' # "a",\n=1+1\t\\&%_{}$~^ ', value: 1e-17, candidate: false });
  report.argumentPassing.heads[2]!.effect = { value: 0.1 + 0.2, low: -1e-9, high: 1e300, n: 3 };
  report.arrays.push({
    name: "odd bits",
    unit: "logit",
    axes: [{ dim: "prompt", labels: ["a", "b,\u0000", "\ud800", ""] }],
    values: new Float32Array(BITS.slice().buffer),
  });
  return {
    ...report,
    further: {
      "attention-knockout": {
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
      },
    },
    ...changes,
  };
}
