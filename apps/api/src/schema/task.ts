import type { Task as TaskContent } from "@recallscope/engine";
import { fromJson } from "../results/json.ts";
import { builder } from "./builder.ts";
import { createdBy } from "./created-by.ts";

export const TaskClause = builder.objectRef<TaskContent["clauses"][number]>("TaskClause").implement({
  description: "A way to ask for a fact: a sentence that ends right before the answer.",
  fields: (t) => ({
    id: t.exposeString("id", { description: "Name within the task." }),
    text: t.exposeString("text", { description: "The sentence; `{subject}` marks the subject." }),
    relation: t.exposeString("relation", { description: "The word in it that names the relation." }),
  }),
});

export const TaskFact = builder.objectRef<TaskContent["facts"][number]>("TaskFact").implement({
  description: "A subject and its answer.",
  fields: (t) => ({
    subject: t.exposeString("subject", { description: "What is asked about." }),
    answer: t.exposeString("answer", { description: "What should come next." }),
    aliases: t.stringList({
      description: "Other right forms of the answer; runs score `answer`.",
      resolve: ({ aliases }) => [...(aliases ?? [])],
    }),
  }),
});

export const TaskOrigin = builder.enumType("TaskOrigin", {
  description: "Who brought a task.",
  values: {
    BUNDLED: { description: "It came with this copy." },
    USER: { description: "Somebody imported it, or a run of it." },
  } as const,
});

export const Task = builder.prismaNode("Task", {
  nullable: true,
  description: "A factual relation: facts, and the sentences that ask for them.",
  id: { field: "id", description: "Opaque id." },
  select: { id: true },
  fields: (t) => {
    const content = { select: { content: true } } as const;
    const read = (row: { content: unknown }) => fromJson<TaskContent>(row.content);
    return {
      slug: t.exposeString("slug", { description: "Name in addresses and commands, e.g. country-capital." }),
      title: t.exposeString("title", { description: "Name for people." }),
      relation: t.string({
        ...content,
        description: "The relation in a word.",
        resolve: (row) => read(row).relation,
      }),
      domain: t.string({
        ...content,
        description: "Field of knowledge.",
        resolve: (row) => read(row).domain,
      }),
      version: t.int({
        ...content,
        description: "Counts up when facts or wording change.",
        resolve: (row) => read(row).version,
      }),
      licence: t.string({
        ...content,
        description: "SPDX name of the licence.",
        resolve: (row) => read(row).licence,
      }),
      source: t.string({
        ...content,
        description: "Where the facts come from.",
        resolve: (row) => read(row).source,
      }),
      clauses: t.field({
        ...content,
        type: [TaskClause],
        description: "Ways to ask.",
        resolve: (row) => read(row).clauses,
      }),
      shot: t.string({
        ...content,
        description: "A complete demonstration sentence, with `{subject}` and `{answer}`.",
        resolve: (row) => read(row).shot,
      }),
      facts: t.field({
        ...content,
        type: [TaskFact],
        description: "The facts.",
        resolve: (row) => read(row).facts,
      }),
      factCount: t.int({
        ...content,
        description: "Number of facts.",
        resolve: (row) => read(row).facts.length,
      }),
      origin: t.expose("origin", { type: TaskOrigin, description: "Who brought it." }),
      createdBy: t.string({
        ...createdBy,
        description: "Name of the token it was imported with; null: this machine's own user, or nobody here.",
      }),
      createdAt: t.expose("createdAt", { type: "DateTime", description: "When this version came here." }),
      current: t.exposeBoolean("current", { description: "Whether new runs of its slug ask this version." }),
      hash: t.exposeString("hash", { description: "sha-256 of what it asks." }),
      runs: t.relatedConnection("runs", {
        cursor: "id",
        totalCount: true,
        description: "Runs that asked this version, newest first.",
        query: { orderBy: { id: "desc" } },
      }),
    };
  },
});
