import type { ComparisonAxis } from "@recallscope/engine";
import { comparisonAddress } from "../../exports/index.ts";
import { keyNumbers } from "../../run-comparison/key-numbers.ts";
import type { StoredComparison } from "../../run-comparison/stored-comparison.ts";
import { builder } from "../builder.ts";
import { ComparisonExports } from "../exports.ts";
import { RunPairOverlap } from "./head-overlap.ts";
import { KeyNumberType } from "./key-number.ts";
import { RunDifference } from "./run-difference.ts";
import { RunInComparison } from "./run-in-comparison.ts";

const AXES: Record<ComparisonAxis, string> = {
  MODEL: "Other weights: the same questions to several models.",
  TASK: "Other facts: several tasks to one model, or versions of a task.",
  SHOTS: "Other numbers of demonstrations.",
  SETTINGS: "Any other setting: known-fact filter, lead-ins, seed, resamples, further analyses.",
  ENGINE: "Other versions of the engine, other devices or precision: whether a run can be repeated.",
};

export const ComparisonAxisType = builder.enumType("ComparisonAxis", {
  description: "What compared runs are meant to differ in; whatever else differs is named.",
  values: Object.fromEntries(
    Object.entries(AXES).map(([axis, description]) => [axis, { description }]),
  ) as Record<ComparisonAxis, { description: string }>,
});

export const RunComparisonType = builder.objectRef<StoredComparison>("RunComparison").implement({
  description: "Finished runs beside each other.",
  fields: (t) => ({
    axis: t.expose("axis", { type: ComparisonAxisType, description: "What they are meant to differ in." }),
    differences: t.field({
      type: [RunDifference],
      description: "Whatever else differs between them.",
      resolve: ({ differences }) => [...differences],
    }),
    forced: t.exposeBoolean("forced", {
      description: "Whether some difference makes the numbers mean different things, and `force` went on.",
    }),
    runs: t.field({
      type: [RunInComparison],
      description: "The runs in the order asked.",
      resolve: (comparison) => comparison.runs.map((_, place) => ({ comparison, place })),
    }),
    exports: t.field({
      type: ComparisonExports,
      description: "Where it is as a file, in several forms.",
      resolve: (comparison) => (request) => comparisonAddress(comparison.request(), request),
    }),
    baseline: t.field({
      type: RunInComparison,
      description: "The run that the others are compared with.",
      resolve: (comparison) => ({ comparison, place: comparison.baseline }),
    }),
    keyNumbers: t.field({
      type: [KeyNumberType],
      description: "The numbers that lists and pages show, of all runs, each on its own known facts.",
      resolve: ({ runs, baseline }) =>
        keyNumbers(
          runs.map(({ report }) => report),
          baseline,
        ),
    }),
    overlaps: t.field({
      type: [RunPairOverlap],
      description: "Which heads every two of the runs share at the top.",
      resolve: (comparison) => comparison.pairs(),
    }),
  }),
});
