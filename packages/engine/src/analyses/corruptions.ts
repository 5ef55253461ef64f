import type { FurtherReports } from "../results/further.ts";

/** How the prompts differ that an analysis compares a fact's own with, as its report names it. */
export type MeasuredCorruption = {
  [Id in keyof FurtherReports]: FurtherReports[Id] extends { corruption: infer Name extends string }
    ? Name
    : never;
}[keyof FurtherReports];

/** The corrupted prompts that runs can measure: every run those of another subject, the others by further analyses. */
export const MEASURED_CORRUPTIONS = {
  SUBJECT: {
    title: "Other subject",
    summary:
      "The prompt asks the same of another fact's subject of as many tokens: what carries the subject (argument passing).",
    everyRun: true,
  },
  RELATION: {
    title: "Other relation",
    summary: "The prompt asks something else of the same subject: what carries what is asked.",
    everyRun: false,
  },
  NOISE: {
    title: "Noise on the subject",
    summary:
      "The subject's embeddings get Gaussian noise of three times the embeddings' deviation, no token is changed: causal tracing.",
    everyRun: false,
  },
} as const satisfies Record<MeasuredCorruption, { title: string; summary: string; everyRun: boolean }>;
