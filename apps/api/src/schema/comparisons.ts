import type { Prisma } from "../generated/prisma/client.ts";
import { whereIdOrName } from "../named.ts";
import { builder } from "./builder.ts";
import { plainIdOf } from "./ids.ts";
import { defineNamedFilter } from "./named-filter.ts";
import { defineOrder } from "./order.ts";

const filters = defineNamedFilter("Comparison", "saved comparisons");
const whereFilter = (
  filter: typeof filters.input.$inferInput | null | undefined,
): Prisma.ComparisonWhereInput => filters.where(filter, (run) => ({ runs: { some: { run } } }));

const order = defineOrder<Prisma.ComparisonOrderByWithRelationInput, "CREATED" | "UPDATED" | "NAME">(
  "Comparison",
  {
    CREATED: { description: "When it was saved first." },
    UPDATED: { description: "When it was saved last.", clause: (updatedAt) => ({ updatedAt }) },
    NAME: { description: "Its name.", clause: (name) => ({ name }) },
  },
);

builder.queryFields((t) => ({
  comparisons: t.prismaConnection({
    type: "Comparison",
    cursor: "id",
    description: "Saved comparisons, newest first.",
    args: {
      filter: t.arg({ type: filters.input, description: "Only these." }),
      orderBy: t.arg({ type: order.input, description: "Default: by CREATED, DESC." }),
    },
    totalCount: (_parent, { filter }, { prisma }) => prisma.comparison.count({ where: whereFilter(filter) }),
    resolve: (query, _parent, { filter, orderBy }, { prisma }) =>
      prisma.comparison.findMany({
        ...query,
        where: whereFilter(filter),
        orderBy: order.clauses(orderBy ?? { by: "CREATED", direction: "DESC" }),
      }),
  }),
  comparison: t.prismaField({
    type: "Comparison",
    nullable: true,
    description: "One saved comparison; null when there is none.",
    args: { id: t.arg.id({ required: true, description: "Id or name." }) },
    resolve: (query, _parent, { id }, { prisma }) =>
      prisma.comparison.findUnique({ ...query, where: whereIdOrName(plainIdOf("Comparison", id)) }),
  }),
}));
