/** Steps of a run, in order; progress events name them. */
export const RUN_STEPS = [
  { id: "open", title: "Open the model and check it" },
  { id: "prompts", title: "Build prompts and pairs" },
  { id: "clean", title: "Clean runs: predictions, lens, attributions" },
  { id: "patching", title: "Patch every head in both directions" },
  { id: "statistics", title: "Decomposition, intervals, final layer" },
] as const;
export type RunStep = (typeof RUN_STEPS)[number]["id"];

export interface RunProgress {
  step: RunStep;
  /** Work done and to do within the step, in passes or facts. */
  done: number;
  total: number;
  /** Share of the whole run, 0 to 1. */
  fraction: number;
  message: string;
}
