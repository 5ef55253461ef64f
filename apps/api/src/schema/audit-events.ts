import type { Prisma } from "../generated/prisma/client.ts";
import { builder } from "./builder.ts";
import { ADMIN_ONLY } from "./roles.ts";

const AuditEvent = builder.prismaObject("AuditEvent", {
  description: "Something that was changed, or refused.",
  fields: (t) => ({
    at: t.expose("at", { type: "DateTime", description: "When." }),
    actor: t.exposeString("actor", {
      description: "Name of the token; `local` for this machine's own user.",
    }),
    action: t.exposeString("action", {
      description: "Name of the mutation; `signIn` for a token that ended.",
    }),
    subject: t.exposeString("subject", {
      nullable: true,
      description: "Ids and names of what it was about; null where there are none.",
    }),
    outcome: t.exposeString("outcome", { description: "OK, or the code of the error." }),
  }),
});

const AuditEventFilter = builder.inputType("AuditEventFilter", {
  description: "Which events; conditions are joined by and.",
  fields: (t) => ({
    actor: t.string({ description: "By the token of this name." }),
    action: t.string({ description: "Of this kind." }),
    failed: t.boolean({ description: "True: only what did not work; false: only what did." }),
  }),
});

function whereFilter(
  filter: typeof AuditEventFilter.$inferInput | null | undefined,
): Prisma.AuditEventWhereInput {
  const { actor, action, failed } = filter ?? {};
  return {
    ...(actor != null && { actor }),
    ...(action != null && { action }),
    ...(failed != null && { outcome: failed ? { not: "OK" } : "OK" }),
  };
}

builder.queryFields((t) => ({
  auditEvents: t.prismaConnection({
    type: AuditEvent,
    cursor: "id",
    description: "What was changed by whom, newest first. Needs the role admin.",
    extensions: ADMIN_ONLY,
    args: { filter: t.arg({ type: AuditEventFilter, description: "Only these." }) },
    totalCount: (_parent, { filter }, { prisma }) => prisma.auditEvent.count({ where: whereFilter(filter) }),
    resolve: (query, _parent, { filter }, { prisma }) =>
      prisma.auditEvent.findMany({ ...query, where: whereFilter(filter), orderBy: { id: "desc" } }),
  }),
}));
