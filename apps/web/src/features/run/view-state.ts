import type { SetUrlState } from "@/state/url-state.ts";

/** View state of the run page and its defaults; only what differs is in the address. */
export const RUN_VIEW_DEFAULTS = {
  tab: "prediction",
  head: "",
  dla: "",
  lens: "probability",
  axis: "state",
  reg: "R2",
  layer: "",
  sweep: "logProb",
  alpha: "1",
  known: "",
  prompt: "",
  edit: "",
  text: "",
  want: "",
  weights: "weight",
  places: "heads",
} as const;
export type RunViewKey = keyof typeof RUN_VIEW_DEFAULTS;

export interface RunView {
  values: Record<RunViewKey, string>;
  set: SetUrlState<RunViewKey>;
}

export const TABS = ["prediction", "heads", "mlp", "function", "final", "prompts", "details"] as const;
export type Tab = (typeof TABS)[number];
