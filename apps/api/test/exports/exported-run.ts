import { DEFAULT_SETTINGS, type RunReport, type RunSettings, type Task } from "@recallscope/engine";
import { fakeReport } from "../support/fake-report.ts";
import { knockoutReport } from "../support/knockout-report.ts";

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
      "attention-knockout": knockoutReport(estimate),
    },
    ...changes,
  };
}
