import { z } from "zod";
import type { Prisma } from "../generated/prisma/client.ts";
import { TaskOrigin as TaskOrigins } from "../generated/prisma/enums.ts";
import { MAX_NAME } from "../text.ts";
import { builder } from "./builder.ts";
import { defineOrder } from "./order.ts";
import { TaskOrigin } from "./task.ts";

const TaskFilter = builder
  .inputType("TaskFilter", {
    description: "Which tasks; conditions are joined by and.",
    fields: (t) => ({
      text: t.string({ description: "With this text in the slug or the title, in any case of letters." }),
      origin: t.field({ type: TaskOrigin, description: "Brought by these." }),
      createdBy: t.string({ description: "Imported with the token of this name." }),
    }),
  })
  .validate(
    z.object({
      text: z.string().max(MAX_NAME).nullish(),
      origin: z.enum(TaskOrigins).nullish(),
      createdBy: z.string().max(100).nullish(),
    }),
  );

function whereFilter(filter: typeof TaskFilter.$inferInput | null | undefined): Prisma.TaskWhereInput {
  const { text, origin, createdBy } = filter ?? {};
  const contains = { contains: text?.trim() ?? "", mode: "insensitive" as const };
  return {
    current: true,
    ...(origin != null && { origin }),
    ...(createdBy != null && { createdBy: { name: createdBy } }),
    ...(text?.trim() && { OR: [{ slug: contains }, { title: contains }] }),
  };
}

const order = defineOrder<Prisma.TaskOrderByWithRelationInput, "SLUG" | "TITLE" | "CREATED">("Task", {
  SLUG: { description: "Its slug.", clause: (slug) => ({ slug }) },
  TITLE: { description: "Its title.", clause: (title) => ({ title }) },
  CREATED: { description: "When this version came here." },
});

builder.queryFields((t) => ({
  tasks: t.prismaConnection({
    type: "Task",
    cursor: "id",
    description: "Tasks that new runs can ask, in order of their slugs.",
    args: {
      filter: t.arg({ type: TaskFilter, description: "Only these." }),
      orderBy: t.arg({ type: order.input, description: "Default: by SLUG." }),
    },
    totalCount: (_parent, { filter }, { prisma }) => prisma.task.count({ where: whereFilter(filter) }),
    resolve: (query, _parent, { filter, orderBy }, { prisma }) =>
      prisma.task.findMany({
        ...query,
        where: whereFilter(filter),
        orderBy: order.clauses(orderBy ?? { by: "SLUG" }),
      }),
  }),
  task: t.prismaField({
    type: "Task",
    nullable: true,
    description: "The current version of one task; null when there is none of that name.",
    args: { slug: t.arg.string({ required: true, description: "E.g. country-capital." }) },
    resolve: (query, _parent, { slug }, { prisma }) =>
      prisma.task.findFirst({ ...query, where: { slug, current: true } }),
  }),
}));
