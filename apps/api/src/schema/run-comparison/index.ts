import { COMPARED_RUNS, compareStoredRuns } from "../../run-comparison/compare-stored-runs.ts";
import { builder } from "../builder.ts";
import { runIdOf } from "../ids.ts";
import { ComparisonAxisType, RunComparisonType } from "./run-comparison.ts";

builder.queryFields((t) => ({
  compareRuns: t.field({
    type: RunComparisonType,
    description:
      "Runs beside each other, with differences to a baseline. Errors: NOT_COMPARABLE with the `differences` that make their numbers mean different things, NOT_FOUND, RUN_NOT_FINISHED.",
    args: {
      ids: t.arg.idList({
        required: true,
        description: `Ids or keys of ${COMPARED_RUNS.min} to ${COMPARED_RUNS.max} finished runs.`,
      }),
      axis: t.arg({
        type: ComparisonAxisType,
        description:
          "What they are meant to differ in; default: the first of task, model, shots and settings that they do differ in, ENGINE for repetitions.",
      }),
      baseline: t.arg.id({ description: "One of `ids`; default: the first." }),
      force: t.arg.boolean({
        defaultValue: false,
        description: "Go on where numbers do not mean the same; default false.",
      }),
    },
    complexity: ({ ids }) => ({ field: 10, multiplier: Math.max(1, ids.length / 10) }),
    resolve: (_parent, { ids, axis, baseline, force }, { prisma }) =>
      compareStoredRuns(prisma, {
        ids: ids.map(runIdOf),
        axis: axis ?? null,
        baseline: baseline == null ? null : runIdOf(baseline),
        force: force ?? false,
      }),
  }),
}));
