import { type FactOverRuns, type TaskResults, taskResults } from "../tasks/task-results.ts";
import { builder } from "./builder.ts";
import { firstOf } from "./list-arguments.ts";

const FactOverRunsType = builder.objectRef<FactOverRuns>("FactOverRuns").implement({
  description: "A fact over the runs that asked it.",
  fields: (t) => ({
    subject: t.exposeString("subject", { description: "What was asked about." }),
    answer: t.exposeString("answer", { description: "The right answer." }),
    asked: t.exposeInt("asked", {
      description: "How many of the runs asked it; the others had to leave it out.",
    }),
    known: t.exposeInt("known", { description: "In how many of these the model knows it." }),
    shares: t.field({
      type: ["Float"],
      nullable: { list: false, items: true },
      description:
        "For each of `runs`: share of the fact's prompts on which the run's known filter holds; null: not asked.",
      resolve: ({ shares }) => shares,
    }),
  }),
});

const TaskResultsType = builder.objectRef<TaskResults>("TaskResults").implement({
  description: "What models make of a task.",
  fields: (t) => ({
    runs: t.prismaField({
      type: ["Run"],
      description:
        "The newest finished run of each model and number of demonstrations, in order of the models' names.",
      resolve: async (query, { runs }, _args, { prisma }) => {
        const rows = await prisma.run.findMany({ ...query, where: { id: { in: runs } } });
        return rows.sort((a, b) => runs.indexOf(a.id) - runs.indexOf(b.id));
      },
    }),
    facts: t.field({
      type: [FactOverRunsType],
      description: "Its facts, the hardest first.",
      args: { first: t.arg.int({ description: "Only so many of them, 0 or more." }) },
      resolve: ({ facts }, { first }) => firstOf(facts, first),
    }),
  }),
});

builder.queryField("taskResults", (t) =>
  t.field({
    type: TaskResultsType,
    description:
      "What models make of the current version of a task, over its finished runs. Errors: TASK_NOT_FOUND.",
    args: { task: t.arg.string({ required: true, description: "Slug of the task." }) },
    resolve: (_parent, { task }, { prisma }) => taskResults(prisma, task),
  }),
);
