import { builder } from "./builder.ts";
import { createdBy } from "./created-by.ts";

builder.prismaObject("ComparisonRun", {
  name: "ComparedRun",
  description: "A place in a saved comparison.",
  fields: (t) => ({
    run: t.relation("run", {
      nullable: true,
      description: "The run; null when it was deleted. The other fields then say what stood here.",
    }),
    key: t.exposeString("key", { description: "Key of the run when the comparison was saved." }),
    model: t.exposeString("model", { description: "Name of its model." }),
    task: t.exposeString("task", { description: "Slug of its task." }),
  }),
});

export const Comparison = builder.prismaNode("Comparison", {
  nullable: true,
  description: "Runs beside each other, as somebody looked at them, under a name.",
  id: { field: "id", description: "Opaque id." },
  fields: (t) => ({
    name: t.exposeString("name", {
      description: "What it is called; no two saved comparisons have the same name.",
    }),
    note: t.exposeString("note", {
      nullable: true,
      description: "What somebody wrote about it; null: nothing.",
    }),
    runs: t.relation("runs", {
      description: "What is compared, in order. A run that was deleted keeps its place, without its numbers.",
      query: { orderBy: { place: "asc" } },
    }),
    baselineIndex: t.exposeInt("baseline", {
      description: "Place in `runs` of the one that the others are held against.",
    }),
    missingRuns: t.int({
      description: "How many of its runs were deleted.",
      select: { _count: { select: { runs: { where: { runId: null } } } } },
      resolve: ({ _count }) => _count.runs,
    }),
    state: t.exposeString("state", {
      description: "How the page showed it: what that page keeps in its address, and reads again.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was saved first." }),
    updatedAt: t.expose("updatedAt", { type: "DateTime", description: "When it was saved last." }),
    createdBy: t.string(createdBy),
  }),
});
