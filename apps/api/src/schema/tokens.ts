import { createToken, MAX_DAYS, revokeToken } from "../access/tokens.ts";
import type { AccessToken } from "../generated/prisma/client.ts";
import { builder } from "./builder.ts";
import { ADMIN_ONLY } from "./roles.ts";

const Role = builder.enumType("Role", {
  description: "What a token may do; each role may do what the ones before it may.",
  values: {
    READ: { description: "Look at everything but tokens and events." },
    WRITE: {
      description:
        "Also start, cancel and import runs, tag and note them, add models, keep studies, comparisons and tasks, and delete what it made.",
    },
    ADMIN: { description: "Also delete what others made, make and revoke tokens, and read the events." },
  } as const,
});

// Not a Relay node: `node(id)` is open to every role.
const Token = builder.prismaObject("AccessToken", {
  description: "A key to this server. The token itself is shown once, when it is made, and kept nowhere.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "Who or what uses it; events name it so." }),
    role: t.expose("role", { type: Role, description: "What it may do." }),
    hint: t.exposeString("hint", { description: "Its first characters." }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was made." }),
    expiresAt: t.expose("expiresAt", {
      type: "DateTime",
      nullable: true,
      description: "When it ends by itself; null: never.",
    }),
    revokedAt: t.expose("revokedAt", {
      type: "DateTime",
      nullable: true,
      description: "When it was revoked; null: it was not.",
    }),
    lastUsedAt: t.expose("lastUsedAt", {
      type: "DateTime",
      nullable: true,
      description: "When it was last used, to the minute; null: never.",
    }),
  }),
});

const CreateTokenInput = builder.inputType("CreateTokenInput", {
  description: "Which token to make.",
  fields: (t) => ({
    name: t.string({
      required: true,
      description: "Who or what uses it: 1 to 100 letters, digits and . _ @ -; never used before.",
    }),
    role: t.field({ type: Role, required: true, description: "What it may do." }),
    expiresInDays: t.int({ description: `1 to ${MAX_DAYS}; without it the token ends when it is revoked.` }),
  }),
});
const RevokeTokenInput = builder.inputType("RevokeTokenInput", {
  description: "Which token to end.",
  fields: (t) => ({ name: t.string({ required: true, description: "Its name." }) }),
});

const CreateTokenPayload = builder
  .objectRef<{ secret: string; token: AccessToken }>("CreateTokenPayload")
  .implement({
    description: "The token that was made.",
    fields: (t) => ({
      secret: t.exposeString("secret", { description: "The token itself: keep it, it is not shown again." }),
      token: t.field({ type: Token, description: "What is stored.", resolve: ({ token }) => token }),
    }),
  });
const RevokeTokenPayload = builder.objectRef<AccessToken>("RevokeTokenPayload").implement({
  description: "The token that was ended.",
  fields: (t) => ({
    token: t.field({ type: Token, description: "What is stored.", resolve: (token) => token }),
  }),
});

const Viewer = builder.objectRef<{ name: string; role: typeof Role.$inferType }>("Viewer").implement({
  description: "Who asks.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "Name of the token; `local` for this machine's own user." }),
    role: t.expose("role", { type: Role, description: "What it may do." }),
  }),
});

builder.queryFields((t) => ({
  viewer: t.field({
    type: Viewer,
    description: "Who this request comes from, as the server sees it.",
    resolve: (_parent, _args, { actor }) => actor,
  }),
  tokens: t.prismaConnection({
    type: Token,
    cursor: "id",
    description: "All tokens, newest first. Needs the role admin.",
    extensions: ADMIN_ONLY,
    totalCount: (_parent, _args, { prisma }) => prisma.accessToken.count(),
    resolve: (query, _parent, _args, { prisma }) =>
      prisma.accessToken.findMany({ ...query, orderBy: { id: "desc" } }),
  }),
}));

builder.mutationFields((t) => ({
  createToken: t.field({
    type: CreateTokenPayload,
    description: "Makes a token. Needs the role admin. Errors: BAD_USER_INPUT, FORBIDDEN.",
    extensions: ADMIN_ONLY,
    args: { input: t.arg({ type: CreateTokenInput, required: true, description: "Which token." }) },
    resolve: (_parent, { input: { name, role, expiresInDays } }, { prisma }) =>
      createToken(prisma, { name, role, expiresInDays: expiresInDays ?? null }),
  }),
  revokeToken: t.field({
    type: RevokeTokenPayload,
    description: "Ends a token from this moment on. Needs the role admin. Errors: NOT_FOUND, FORBIDDEN.",
    extensions: ADMIN_ONLY,
    args: { input: t.arg({ type: RevokeTokenInput, required: true, description: "Which token." }) },
    resolve: (_parent, { input }, { prisma }) => revokeToken(prisma, input.name),
  }),
}));
