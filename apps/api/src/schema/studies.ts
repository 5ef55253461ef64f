import type { Prisma } from "../generated/prisma/client.ts";
import { whereIdOrName } from "../named.ts";
import { builder } from "./builder.ts";
import { plainIdOf } from "./ids.ts";
import { defineNamedFilter } from "./named-filter.ts";
import { defineOrder } from "./order.ts";

const filters = defineNamedFilter("Study", "studies");
const whereFilter = (filter: typeof filters.input.$inferInput | null | undefined): Prisma.StudyWhereInput =>
  filters.where(filter, (run) => ({ cells: { some: { run } } }));

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
      filter: t.arg({ type: filters.input, description: "Only these." }),
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
