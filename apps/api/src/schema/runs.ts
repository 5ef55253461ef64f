import { z } from "zod";
import type { Prisma } from "../generated/prisma/client.ts";
import { RunStatus as RunStatuses } from "../generated/prisma/enums.ts";
import { whereIdOrKey } from "../runs/find-run.ts";
import { MAX_TAG, MAX_TAGS } from "../runs/tag-runs.ts";
import { builder } from "./builder.ts";
import { runIdOf } from "./ids.ts";
import { defineOrder } from "./order.ts";
import { RunStatus } from "./run.ts";

const RunFilter = builder
  .inputType("RunFilter", {
    description: "Which runs; conditions are joined by and.",
    fields: (t) => ({
      status: t.field({ type: [RunStatus], description: "In one of these states." }),
      model: t.string({ description: "Of the model of this name." }),
      task: t.string({ description: "Of the task of this slug, in any version." }),
      tags: t.stringList({ description: "With all of these tags." }),
      createdBy: t.string({ description: "Made with the token of this name." }),
      shots: t.int({ description: "With so many demonstrations." }),
      text: t.string({
        description:
          "With this text in the model's name, the task's slug or title, a note, or at the start of the key.",
      }),
    }),
  })
  .validate(
    z.object({
      status: z.array(z.enum(RunStatuses)).nullish(),
      model: z.string().max(1000).nullish(),
      task: z.string().max(200).nullish(),
      tags: z.array(z.string().max(MAX_TAG)).max(MAX_TAGS).nullish(),
      createdBy: z.string().max(100).nullish(),
      shots: z.int().nullish(),
      text: z.string().max(200).nullish(),
    }),
  );

const order = defineOrder<Prisma.RunOrderByWithRelationInput, RunOrderName>("Run", {
  CREATED: { description: "When it was asked for." },
  FINISHED: {
    description: "When it ended; those that have not ended count as the latest.",
    clause: (finishedAt) => ({ finishedAt }),
  },
  STATUS: { description: "Where it is in its life.", clause: (status) => ({ status }) },
  MODEL: { description: "Name of the model.", clause: (name) => ({ model: { name } }) },
  TASK: { description: "Slug of the task.", clause: (slug) => ({ task: { slug } }) },
});
type RunOrderName = "CREATED" | "FINISHED" | "STATUS" | "MODEL" | "TASK";

function whereFilter(filter: typeof RunFilter.$inferInput | null | undefined): Prisma.RunWhereInput {
  const { status, model, task, tags, createdBy, shots, text } = filter ?? {};
  const contains = { contains: text?.trim() ?? "", mode: "insensitive" as const };
  return {
    ...(status && { status: { in: [...status] } }),
    ...(model != null && { model: { name: model } }),
    ...(task != null && { task: { slug: task } }),
    ...(tags && { tags: { hasEvery: [...tags] } }),
    ...(createdBy != null && { createdBy: { name: createdBy } }),
    ...(shots != null && { shots }),
    ...(text?.trim() && {
      OR: [
        { model: { name: contains } },
        { task: { slug: contains } },
        { task: { title: contains } },
        { note: contains },
        { key: { startsWith: text.trim().toLowerCase() } },
      ],
    }),
  };
}

builder.queryFields((t) => ({
  runs: t.prismaConnection({
    type: "Run",
    cursor: "id",
    description: "Runs, newest first.",
    args: {
      filter: t.arg({ type: RunFilter, description: "Only these." }),
      orderBy: t.arg({ type: order.input, description: "Default: by CREATED, DESC." }),
    },
    totalCount: (_parent, { filter }, { prisma }) => prisma.run.count({ where: whereFilter(filter) }),
    resolve: (query, _parent, { filter, orderBy }, { prisma }) =>
      prisma.run.findMany({
        ...query,
        where: whereFilter(filter),
        orderBy: order.clauses(orderBy ?? { by: "CREATED", direction: "DESC" }),
      }),
  }),
  run: t.prismaField({
    type: "Run",
    nullable: true,
    description: "One run by its id or key (the newest of that key); null when there is none.",
    args: { id: t.arg.id({ required: true, description: "Id or key." }) },
    resolve: (query, _parent, { id }, { prisma }) => {
      const where = whereIdOrKey(runIdOf(id));
      return where && prisma.run.findFirst({ ...query, where, orderBy: { id: "desc" } });
    },
  }),
}));
