import { z } from "zod";
import type { Prisma } from "../generated/prisma/client.ts";
import { ModelSource as ModelSources } from "../generated/prisma/enums.ts";
import { MAX_NAME } from "../text.ts";
import { builder } from "./builder.ts";
import { ModelSource } from "./model.ts";
import { defineOrder } from "./order.ts";

const ModelFilter = builder
  .inputType("ModelFilter", {
    description: "Which models; conditions are joined by and.",
    fields: (t) => ({
      text: t.string({ description: "With this text in the name, in any case of letters." }),
      source: t.field({ type: ModelSource, description: "From there." }),
    }),
  })
  .validate(z.object({ text: z.string().max(MAX_NAME).nullish(), source: z.enum(ModelSources).nullish() }));

function whereFilter(filter: typeof ModelFilter.$inferInput | null | undefined): Prisma.ModelWhereInput {
  const { text, source } = filter ?? {};
  return {
    ...(source != null && { source }),
    ...(text?.trim() && { name: { contains: text.trim(), mode: "insensitive" } }),
  };
}

const order = defineOrder<Prisma.ModelOrderByWithRelationInput, "NAME" | "CREATED">("Model", {
  NAME: { description: "Its name.", clause: (name) => ({ name }) },
  CREATED: { description: "When it was first named here." },
});

builder.queryFields((t) => ({
  models: t.prismaConnection({
    type: "Model",
    cursor: "id",
    description: "Models the platform knows, in order of their names.",
    args: {
      filter: t.arg({ type: ModelFilter, description: "Only these." }),
      orderBy: t.arg({ type: order.input, description: "Default: by NAME." }),
    },
    totalCount: (_parent, { filter }, { prisma }) => prisma.model.count({ where: whereFilter(filter) }),
    resolve: (query, _parent, { filter, orderBy }, { prisma }) =>
      prisma.model.findMany({
        ...query,
        where: whereFilter(filter),
        orderBy: order.clauses(orderBy ?? { by: "NAME" }),
      }),
  }),
  model: t.prismaField({
    type: "Model",
    nullable: true,
    description: "One model by its name; null when the platform does not know it.",
    args: {
      name: t.arg.string({ required: true, description: "Name in models/, absolute folder, or hub id." }),
    },
    resolve: (query, _parent, { name }, { prisma }) => prisma.model.findUnique({ ...query, where: { name } }),
  }),
}));
