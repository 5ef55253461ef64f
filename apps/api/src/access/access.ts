import { timingSafeEqual } from "node:crypto";
import type { PrismaClient } from "../generated/prisma/client.ts";
import { type Actor, LOCAL } from "./actor.ts";
import { recordDeed } from "./audit.ts";
import { type RateLimits, rateLimits } from "./rate-limit.ts";
import { Refusal } from "./refusal.ts";
import { hashOf } from "./tokens.ts";

const USED_EVERY_MS = 60_000;
const HOW_TO =
  "make one with `npx recallscope token create --role read --name NAME` and send it as `Authorization: Bearer TOKEN`";

/** Decides who a request comes from, and how many it may make. */
export interface Access {
  /** Whether everybody needs a token; otherwise a request without one is this machine's own user. */
  required: boolean;
  /**
   * @param secret the token of the request; null when it has none
   * @param address where the request comes from: failures are counted by it
   * @throws Refusal UNAUTHENTICATED; RATE_LIMITED after too many failures
   */
  identify(secret: string | null, address: string): Promise<Actor>;
  /** Counts one request. @throws Refusal RATE_LIMITED */
  spend(actor: Actor): Promise<void>;
}

export interface AccessOptions {
  prisma: PrismaClient;
  required: boolean;
  /** Requests of one token in a minute; 0: any number. */
  perMinute: number;
  /** Known to who may read the data folder: our own command line. */
  ownerKey: string;
}

export function createAccess({ prisma, required, perMinute, ownerKey }: AccessOptions): Access {
  const limits: RateLimits = rateLimits(perMinute);
  const ownerHash = Buffer.from(hashOf(ownerKey));
  return {
    required,
    identify: async (secret, address) => {
      if (secret === null && !required) return LOCAL;
      if (secret === null) {
        await limits.failure(address);
        throw unauthenticated(`a token is needed (${HOW_TO})`);
      }
      const hash = hashOf(secret);
      if (timingSafeEqual(Buffer.from(hash), ownerHash)) return LOCAL;
      const token = await prisma.accessToken.findUnique({ where: { hash } });
      const problem =
        token === null
          ? `this token is not known here (${HOW_TO})`
          : token.revokedAt !== null
            ? `token ${token.name}: revoked (${HOW_TO})`
            : token.expiresAt !== null && token.expiresAt <= new Date()
              ? `token ${token.name}: expired at ${token.expiresAt.toISOString()} (${HOW_TO})`
              : null;
      if (problem !== null || token === null) {
        await limits.failure(address);
        if (token !== null)
          await recordDeed(prisma, {
            actor: token,
            action: "signIn",
            subject: null,
            outcome: "UNAUTHENTICATED",
          });
        throw unauthenticated(problem ?? "no token");
      }
      if (token.lastUsedAt === null || Date.now() - token.lastUsedAt.getTime() > USED_EVERY_MS)
        await prisma.accessToken.updateMany({ where: { id: token.id }, data: { lastUsedAt: new Date() } });
      return { id: token.id, name: token.name, role: token.role };
    },
    spend: async ({ id }) => {
      if (id !== null) await limits.request(id);
    },
  };
}

const unauthenticated = (message: string) =>
  new Refusal("UNAUTHENTICATED", message, { "WWW-Authenticate": 'Bearer realm="recallscope"' });
