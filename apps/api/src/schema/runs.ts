import { z } from "zod";
import type { Prisma } from "../generated/prisma/client.ts";
import { RunStatus as RunStatuses } from "../generated/prisma/enums.ts";
import { whereIdOrKey } from "../runs/find-run.ts";
import { builder } from "./builder.ts";
import { runIdOf } from "./ids.ts";
import { RunStatus } from "./run.ts";

const RunFilter = builder
  .inputType("RunFilter", {
    description: "Which runs; conditions are joined by and.",
    fields: (t) => ({
      status: t.field({ type: [RunStatus], description: "In one of these states." }),
      model: t.string({ description: "Of the model of this name." }),
      task: t.string({ description: "Of the task of this slug, in any version." }),
      shots: t.int({ description: "With so many demonstrations." }),
      text: t.string({
        description:
          "With this text in the model's name, the task's slug or title, or at the start of the key.",
      }),
    }),
  })
  .validate(
    z.object({
      status: z.array(z.enum(RunStatuses)).nullish(),
      model: z.string().max(1000).nullish(),
      task: z.string().max(200).nullish(),
      shots: z.int().nullish(),
      text: z.string().max(200).nullish(),
    }),
  );

function whereFilter(filter: typeof RunFilter.$inferInput | null | undefined): Prisma.RunWhereInput {
  const { status, model, task, shots, text } = filter ?? {};
  const contains = { contains: text?.trim() ?? "", mode: "insensitive" as const };
  return {
    ...(status && { status: { in: [...status] } }),
    ...(model != null && { model: { name: model } }),
    ...(task != null && { task: { slug: task } }),
    ...(shots != null && { shots }),
    ...(text?.trim() && {
      OR: [
        { model: { name: contains } },
        { task: { slug: contains } },
        { task: { title: contains } },
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
    args: { filter: t.arg({ type: RunFilter, description: "Only these." }) },
    totalCount: (_parent, { filter }, { prisma }) => prisma.run.count({ where: whereFilter(filter) }),
    resolve: (query, _parent, { filter }, { prisma }) =>
      prisma.run.findMany({ ...query, where: whereFilter(filter), orderBy: { id: "desc" } }),
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
