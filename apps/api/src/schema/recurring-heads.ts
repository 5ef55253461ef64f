import { type RecurringHead, type RecurringHeads, recurringHeads } from "../models/recurring-heads.ts";
import { builder } from "./builder.ts";
import { firstOf } from "./list-arguments.ts";

const RecurringHeadType = builder.objectRef<RecurringHead>("RecurringHead").implement({
  description: "A head that is a mover in runs of its model.",
  fields: (t) => ({
    label: t.exposeString("label", { description: "E.g. L9H8." }),
    runs: t.exposeInt("runs", { description: "Runs in which it is a mover." }),
    tasks: t.exposeStringList("tasks", { description: "Slugs of the tasks of these runs." }),
  }),
});

const RecurringHeadsType = builder.objectRef<RecurringHeads>("RecurringHeads").implement({
  description: "Which heads of a model are movers again and again.",
  fields: (t) => ({
    runs: t.exposeInt("runs", {
      description:
        "Finished runs that were looked at: of each key the newest, and only those with at least 8 known facts.",
    }),
    tasks: t.exposeInt("tasks", { description: "How many tasks these runs are of." }),
    heads: t.field({
      type: [RecurringHeadType],
      description: "Heads that are movers in at least one of them, those of most runs first.",
      args: { first: t.arg.int({ description: "Only so many of them, 0 or more." }) },
      resolve: ({ heads }, { first }) => firstOf(heads, first),
    }),
  }),
});

builder.queryField("recurringHeads", (t) =>
  t.field({
    type: RecurringHeadsType,
    description: "Mover heads of a model over all of its finished runs. Errors: NOT_FOUND.",
    args: { model: t.arg.string({ required: true, description: "Name of the model." }) },
    resolve: (_parent, { model }, { prisma }) => recurringHeads(prisma, model),
  }),
);
