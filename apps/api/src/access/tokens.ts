import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { ApiError } from "../errors.ts";
import type { AccessToken, PrismaClient } from "../generated/prisma/client.ts";
import { Role } from "../generated/prisma/enums.ts";
import { LOCAL } from "./actor.ts";

const PREFIX = "rsc_";
const HINT_LENGTH = PREFIX.length + 4;
const DAY_MS = 24 * 3600 * 1000;
/** Ten years. */
export const MAX_DAYS = 3650;

/** 256 random bits behind a prefix by which scanners for leaked secrets know them. */
export const newSecret = (): string => `${PREFIX}${randomBytes(32).toString("base64url")}`;

/** What is stored of a token. Nobody can guess 256 bits, so a slow hash would only slow down every request. */
export const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");

export interface NewToken {
  /** 1 to 100 letters, digits and . _ @ -; never used before. */
  name: string;
  role: Role;
  /** Null: until it is revoked. */
  expiresInDays: number | null;
}

const newToken = z.object({
  name: z
    .string()
    .regex(/^[\w.@-]{1,100}$/, { error: "token name: allowed are 1 to 100 letters, digits and . _ @ -" })
    .refine((name) => name !== LOCAL.name, {
      error: `token name: ${LOCAL.name} means this machine's own user: choose another one`,
    }),
  role: z.enum(Role, { error: "token role: allowed are read, write, admin" }),
  expiresInDays: z
    .int()
    .min(1)
    .max(MAX_DAYS)
    .nullable()
    .catch(() => {
      throw new ApiError("BAD_USER_INPUT", `token expiry: allowed are 1 to ${MAX_DAYS} whole days`);
    }),
});

/** @returns the row, and the token itself, which cannot be had again. @throws ApiError BAD_USER_INPUT */
export async function createToken(
  prisma: PrismaClient,
  given: NewToken,
): Promise<{ secret: string; token: AccessToken }> {
  const parsed = newToken.safeParse(given);
  if (!parsed.success) throw new ApiError("BAD_USER_INPUT", parsed.error.issues[0]!.message);
  const { name, role, expiresInDays } = parsed.data;
  const secret = newSecret();
  const expiresAt = expiresInDays === null ? null : new Date(Date.now() + expiresInDays * DAY_MS);
  try {
    const token = await prisma.accessToken.create({
      data: { name, role, expiresAt, hash: hashOf(secret), hint: secret.slice(0, HINT_LENGTH) },
    });
    return { secret, token };
  } catch (error) {
    if ((error as { code?: unknown }).code !== "P2002") throw error;
    throw new ApiError(
      "BAD_USER_INPUT",
      `token name ${name}: taken, perhaps by a revoked token (names stand in the list of events and are not used again)`,
    );
  }
}

/** Ends a token from this moment on; one that is revoked already stays as it is. @throws ApiError NOT_FOUND */
export async function revokeToken(prisma: PrismaClient, name: string): Promise<AccessToken> {
  await prisma.accessToken.updateMany({ where: { name, revokedAt: null }, data: { revokedAt: new Date() } });
  const token = await prisma.accessToken.findUnique({ where: { name } });
  if (!token) throw new ApiError("NOT_FOUND", `token ${name}: there is none of this name`);
  return token;
}

/** Newest first. */
export const listTokens = (prisma: PrismaClient): Promise<AccessToken[]> =>
  prisma.accessToken.findMany({ orderBy: { id: "desc" } });
