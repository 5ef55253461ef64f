import { defaultFieldResolver, type GraphQLField, type GraphQLObjectType, type GraphQLSchema } from "graphql";
import { isAtLeast } from "../access/actor.ts";
import { audited } from "../access/audit.ts";
import { forbidden } from "../access/refusal.ts";
import type { Role } from "../generated/prisma/enums.ts";
import type { Context } from "./builder.ts";

/** Fields that need more than their kind of operation say so: `extensions: { role: "ADMIN" }`. */
export const ADMIN_ONLY = { role: "ADMIN" satisfies Role };

/**
 * Guards every operation: queries and subscriptions need the role read, mutations write, unless the field says otherwise; a new field
 * is guarded without doing anything. Every mutation is written down as an event, refused ones too.
 */
export function guardOperations(schema: GraphQLSchema): GraphQLSchema {
  for (const field of fieldsOf(schema.getQueryType())) guard(field, "resolve", "READ");
  for (const field of fieldsOf(schema.getSubscriptionType())) guard(field, "subscribe", "READ");
  for (const field of fieldsOf(schema.getMutationType())) {
    guard(field, "resolve", "WRITE");
    writeDown(field);
  }
  return schema;
}

type Field = GraphQLField<unknown, Context>;
const fieldsOf = (type: GraphQLObjectType | null | undefined): Field[] =>
  type ? Object.values(type.getFields()) : [];

function guard(field: Field, part: "resolve" | "subscribe", usual: Role): void {
  const needed = (field.extensions.role as Role | undefined) ?? usual;
  const work = field[part] ?? defaultFieldResolver;
  field[part] = (parent, args, context, info) => {
    if (!isAtLeast(context.actor, needed)) {
      const { name, role } = context.actor;
      throw forbidden(
        `${field.name}: needs the role ${needed.toLowerCase()}, and token ${name} has ${role.toLowerCase()}: ask an admin for another token`,
      );
    }
    return work(parent, args, context, info);
  };
}

function writeDown(field: Field): void {
  const work = field.resolve!;
  field.resolve = (parent, args, context, info) =>
    audited(
      context.prisma,
      { actor: context.actor, action: field.name, subject: subjectOf(args.input) },
      async () => work(parent, args, context, info),
      (result) => subjectOf(result, ["id", "slug"]),
    );
}

/** What an admin let go, where only numbers say it. */
const PRUNE = ["olderThanDays", "keepTagged", "events", "dryRun"];
const TOLD = ["id", "model", "models", "task", "tasks", "runs", "slug", "name", "role", ...PRUNE];

/** What a mutation was about: the ids and names in its input or result. */
function subjectOf(value: unknown, told = TOLD): string | null {
  if (typeof value !== "object" || value === null) return null;
  const parts = Object.entries(value).filter(([key, part]) => told.includes(key) && isTold(part));
  return parts.map(([key, part]) => `${key}=${part}`).join(" ") || null;
}

const isTold = (part: unknown): boolean =>
  ["string", "number", "boolean"].includes(typeof part) ||
  (Array.isArray(part) && part.every((each) => typeof each === "string"));
