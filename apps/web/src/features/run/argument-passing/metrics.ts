import type { ScaleKind } from "@/charts/color-scale.ts";
import type { EXPLANATIONS } from "@/features/explanations.ts";
import type { Unit } from "@/format/numbers.ts";

export type HeadMetric =
  | "effect"
  | "noising"
  | "denoising"
  | "attentionToSubject"
  | "valueWeightedShare"
  | "dlaSubject"
  | "dlaAnswer";

/** The seven numbers of a head: how each is coloured and called. Metrics of one group share their scale. */
export const HEAD_METRICS: Record<
  HeadMetric,
  { explanation: keyof typeof EXPLANATIONS; short: string; unit: Unit; scale: ScaleKind; group: string }
> = {
  effect: { explanation: "effect", short: "effect", unit: "effect", scale: "diverging", group: "patching" },
  noising: {
    explanation: "noising",
    short: "noising",
    unit: "effect",
    scale: "diverging",
    group: "patching",
  },
  denoising: {
    explanation: "denoising",
    short: "denoising",
    unit: "effect",
    scale: "diverging",
    group: "patching",
  },
  attentionToSubject: {
    explanation: "attentionToSubject",
    short: "attention to subject",
    unit: "share",
    scale: "sequential",
    group: "share",
  },
  valueWeightedShare: {
    explanation: "valueWeightedShare",
    short: "value-weighted share",
    unit: "share",
    scale: "sequential",
    group: "share",
  },
  dlaSubject: {
    explanation: "dlaSubject",
    short: "writes the subject",
    unit: "logit",
    scale: "diverging",
    group: "dla",
  },
  dlaAnswer: {
    explanation: "dlaAnswer",
    short: "writes the answer",
    unit: "logit",
    scale: "diverging",
    group: "dla",
  },
};
export const METRIC_NAMES = Object.keys(HEAD_METRICS) as HeadMetric[];
