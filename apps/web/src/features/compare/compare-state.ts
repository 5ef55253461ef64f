export const COMPARE_DEFAULTS = {
  runs: "",
  head: "",
  metric: "effect",
  lens: "probability",
  token: "answer",
} as const;

/** Metrics of a head that the page can lay side by side. */
export const COMPARED_METRICS = ["effect", "attentionToSubject", "dlaSubject", "dlaAnswer"] as const;
export type ComparedMetric = (typeof COMPARED_METRICS)[number];
