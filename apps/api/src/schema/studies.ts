import { z } from "zod";
import type { Prisma } from "../generated/prisma/client.ts";
import { whereIdOrName } from "../named.ts";
import { whereIdOrKey } from "../runs/find-run.ts";
import { MAX_NAME } from "../text.ts";
import { builder } from "./builder.ts";
import { plainIdOf, runIdOf } from "./ids.ts";
import { defineOrder } from "./order.ts";

const StudyFilter = builder
  .inputType("StudyFilter", {
    description: "Which studies; conditions are joined by and.",
    fields: (t) => ({
      text: t.string({ description: "With this text in the name or the note, in any case of letters." }),
      createdBy: t.string({ description: "Made with the token of this name." }),
      run: t.id({ description: "That have this run in them: its id or key." }),
    }),
  })
  .validate(
    z.object({
      text: z.string().max(MAX_NAME).nullish(),
      createdBy: z.string().max(100).nullish(),
      run: z.string().nullish(),
    }),
  );

function whereFilter(filter: typeof StudyFilter.$inferInput | null | undefined): Prisma.StudyWhereInput {
  const { text, createdBy, run } = filter ?? {};
  const contains = { contains: text?.trim() ?? "", mode: "insensitive" as const };
  return {
    ...(createdBy != null && { createdBy: { name: createdBy } }),
    ...(run != null && { cells: { some: { run: whereIdOrKey(runIdOf(run)) ?? { id: { in: [] } } } } }),
    ...(text?.trim() && { OR: [{ name: contains }, { note: contains }] }),
  };
}

const order = defineOrder<Prisma.StudyOrderByWithRelationInput, "CREATED" | "NAME">("Study", {
  CREATED: { description: "When it was made." },
  NAME: { description: "Its name.", clause: (name) => ({ name }) },
});

builder.queryFields((t) => ({
  studies: t.prismaConnection({
    type: "Study",
    cursor: "id",
    description: "Studies, newest first.",
    args: {
      filter: t.arg({ type: StudyFilter, description: "Only these." }),
      orderBy: t.arg({ type: order.input, description: "Default: by CREATED, DESC." }),
    },
    totalCount: (_parent, { filter }, { prisma }) => prisma.study.count({ where: whereFilter(filter) }),
    resolve: (query, _parent, { filter, orderBy }, { prisma }) =>
      prisma.study.findMany({
        ...query,
        where: whereFilter(filter),
        orderBy: order.clauses(orderBy ?? { by: "CREATED", direction: "DESC" }),
      }),
  }),
  study: t.prismaField({
    type: "Study",
    nullable: true,
    description: "One study; null when there is none.",
    args: { id: t.arg.id({ required: true, description: "Id or name." }) },
    resolve: (query, _parent, { id }, { prisma }) =>
      prisma.study.findUnique({ ...query, where: whereIdOrName(plainIdOf("Study", id)) }),
  }),
}));
