/** Steps of a run, in order; progress events name them. `share` is the part of a run's time they usually take. */
export const RUN_STEPS = [
  { id: "open", title: "Open the model and check it", share: 0.03 },
  { id: "prompts", title: "Build prompts and pairs", share: 0.02 },
  { id: "facts", title: "Measure facts: clean passes, then every head patched both ways", share: 0.55 },
  { id: "statistics", title: "Decomposition, intervals, final layer", share: 0.15 },
  { id: "further", title: "Further analyses", share: 0.25 },
] as const;
export type RunStep = (typeof RUN_STEPS)[number]["id"];

export interface RunProgress {
  /** A step of a run, or a sweep, which has no others. */
  step: RunStep | "sweep";
  /** Work done and to do within the step, in facts or parts. */
  done: number;
  total: number;
  /** Share of the whole run, 0 to 1. */
  fraction: number;
  message: string;
}

/** Turns "n of m of this step" into progress events. */
export class ProgressMeter {
  private current: RunStep = "open";
  private total = 1;

  constructor(private readonly report: (progress: RunProgress) => void = () => {}) {}

  step(step: RunStep, total: number): void {
    this.current = step;
    this.total = total;
    this.done(0);
  }

  /** @param message what is being done, where the step's title says too little */
  done(done: number, message?: string): void {
    const at = RUN_STEPS.findIndex(({ id }) => id === this.current);
    const before = RUN_STEPS.slice(0, at).reduce((sum, { share }) => sum + share, 0);
    const { share, title } = RUN_STEPS[at]!;
    const fraction = before + (share * done) / this.total;
    this.report({ step: this.current, done, total: this.total, fraction, message: message ?? title });
  }
}
