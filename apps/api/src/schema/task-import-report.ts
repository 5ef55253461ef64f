import { CHANGE_RULES, DROP_RULES, type ImportReport } from "@recallscope/engine";
import { builder } from "./builder.ts";

const ImportDrop = builder.objectRef<ImportReport["dropped"][number]>("ImportDrop").implement({
  description: "Something of a file that is left out of the task.",
  fields: (t) => ({
    rule: t.exposeString("rule", { description: "Name of the rule, e.g. `several-answers`." }),
    meaning: t.string({ description: "The rule in words.", resolve: ({ rule }) => DROP_RULES[rule] }),
    where: t.exposeString("where", { description: "Where in the file: `line 3`, `samples[2]`." }),
    what: t.exposeString("what", { description: "What stood there." }),
    because: t.exposeString("because", {
      nullable: true,
      description: "The clause or the other answers that it clashes with, where there are such.",
    }),
  }),
});

const ImportChange = builder.objectRef<ImportReport["changed"][number]>("ImportChange").implement({
  description: "Something of a file that was made plain.",
  fields: (t) => ({
    rule: t.exposeString("rule", { description: "Name of the rule, e.g. `whitespace`." }),
    meaning: t.string({ description: "The rule in words.", resolve: ({ rule }) => CHANGE_RULES[rule] }),
    where: t.exposeString("where", { description: "Where in the file." }),
    from: t.exposeString("from", { description: "What stood there." }),
    to: t.exposeString("to", { description: "What it became." }),
  }),
});

export const TaskImportReport = builder.objectRef<ImportReport>("TaskImportReport").implement({
  description:
    "Everything that an import leaves out or changes. What is in none of its lists comes through as it is.",
  fields: (t) => ({
    factsRead: t.int({ description: "Facts in the file.", resolve: ({ facts }) => facts.read }),
    factsKept: t.int({ description: "Facts of the task.", resolve: ({ facts }) => facts.kept }),
    clausesRead: t.int({ description: "Clauses that were read.", resolve: ({ clauses }) => clauses.read }),
    clausesKept: t.int({ description: "Clauses that were kept.", resolve: ({ clauses }) => clauses.kept }),
    dropped: t.expose("dropped", { type: [ImportDrop], description: "What is left out, and why." }),
    changed: t.expose("changed", { type: [ImportChange], description: "What was made plain." }),
    notes: t.exposeStringList("notes", { description: "What concerns the file as a whole." }),
  }),
});
