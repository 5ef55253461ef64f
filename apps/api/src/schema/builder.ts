import SchemaBuilder from "@pothos/core";
import ComplexityPlugin from "@pothos/plugin-complexity";
import PrismaPlugin from "@pothos/plugin-prisma";
import RelayPlugin from "@pothos/plugin-relay";
import ValidationPlugin from "@pothos/plugin-validation";
import { DateTimeResolver, JSONResolver } from "graphql-scalars";
import type { Actor } from "../access/actor.ts";
import { ApiError } from "../errors.ts";
import type PrismaTypes from "../generated/pothos.ts";
import { getDatamodel } from "../generated/pothos.ts";
import type { Services } from "../services.ts";
import { decodeId, encodeId } from "./ids.ts";
import { DEFAULT_PAGE, MAX_PAGE, QUERY_LIMITS } from "./limits.ts";

/** What resolvers get. */
export interface Context extends Services {
  actor: Actor;
  /** Aborted when who asks goes away before the answer. */
  signal: AbortSignal;
}

export const builder = new SchemaBuilder<{
  PrismaTypes: PrismaTypes;
  Context: Context;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: { list: false; items: true };
  DefaultNodeNullability: false;
  Connection: { totalCount: number | (() => number | Promise<number>) };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date | string };
    JSON: { Input: unknown; Output: unknown };
  };
}>({
  plugins: [ComplexityPlugin, RelayPlugin, PrismaPlugin, ValidationPlugin],
  defaultFieldNullability: false,
  complexity: {
    limit: QUERY_LIMITS,
    complexityError: (kind, result) => {
      const name = kind.toLowerCase() as keyof typeof QUERY_LIMITS;
      return new ApiError(
        "QUERY_TOO_COMPLEX",
        `query: ${name} ${result[name]} (allowed: up to ${QUERY_LIMITS[name]}): ask for fewer runs or fields at a time`,
      );
    },
  },
  prisma: {
    client: (context) => context.prisma,
    dmmf: getDatamodel(),
    exposeDescriptions: false,
    maxConnectionSize: MAX_PAGE,
    defaultConnectionSize: DEFAULT_PAGE,
  },
  relay: {
    encodeGlobalID: (type, id) => encodeId(type, String(id)),
    decodeGlobalID: decodeId,
    nodeTypeOptions: { description: "Anything with an id of its own, which `node` finds again." },
    edgesFieldOptions: { nullable: { list: false, items: true } },
    nodeFieldOptions: { nullable: false },
    nodeQueryOptions: { description: "Finds anything by its id; null when there is none (any more)." },
    nodesQueryOptions: {
      description: "Finds several things by their ids, in the order asked.",
      complexity: ({ ids }) => ({ field: 1, multiplier: ids.length }),
    },
  },
});

builder.addScalarType("DateTime", DateTimeResolver);
builder.addScalarType("JSON", JSONResolver);
builder.queryType({ description: "Everything that can be read." });
builder.mutationType({ description: "Everything that can be changed." });
builder.subscriptionType({
  description: "What happens, as it happens, over WebSocket (graphql-transport-ws).",
});
