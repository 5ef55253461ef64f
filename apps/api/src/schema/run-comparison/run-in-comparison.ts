import { builder } from "../builder.ts";
import { RunType } from "../run.ts";
import { type AgainstBaseline, BaselineComparison } from "./baseline-comparison.ts";
import { ConcentrationType, DepthProfileType } from "./depth-profile.ts";
import { MechanismRowType } from "./mechanism-row.ts";

export const RunInComparison = builder.objectRef<AgainstBaseline>("RunInComparison").implement({
  description: "One of the compared runs.",
  fields: (t) => ({
    run: t.field({
      type: RunType,
      description: "The run.",
      resolve: ({ comparison, place }) => comparison.runs[place]!.run,
    }),
    place: t.exposeInt("place", { description: "Its place among the runs, from 0." }),
    isBaseline: t.boolean({
      description: "Whether the others are compared with it.",
      resolve: ({ comparison, place }) => place === comparison.baseline,
    }),
    mechanism: t.field({
      type: MechanismRowType,
      description: "What it says of each step of the mechanism.",
      resolve: ({ comparison, place }) => comparison.row(place),
    }),
    depth: t.field({
      type: DepthProfileType,
      description: "Where in depth its head effects lie.",
      resolve: async ({ comparison, place }) => (await comparison.row(place)).depth,
    }),
    concentration: t.field({
      type: ConcentrationType,
      description: "How few heads carry them.",
      resolve: ({ comparison, place }) => comparison.concentration(place),
    }),
    toBaseline: t.field({
      type: BaselineComparison,
      nullable: true,
      description: "The run against the baseline; null for the baseline itself.",
      resolve: (parent) => (parent.place === parent.comparison.baseline ? null : parent),
    }),
  }),
});
