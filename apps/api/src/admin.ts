import { LOCAL } from "./access/actor.ts";
import { audited } from "./access/audit.ts";
import { createToken, listTokens, type NewToken, revokeToken } from "./access/tokens.ts";
import type { AuditEventRow, TokenRow } from "./admin-rows.ts";
import { openDatabase } from "./database/open-database.ts";
import { readConfig } from "./env.ts";
import { type Pruned, type PruneRequest, pruneStore } from "./runs/prune-store.ts";

/** Tokens and events, for whoever may open the store itself. */
export interface Admin {
  /** @returns the token itself, which cannot be had again. @throws ApiError BAD_USER_INPUT */
  createToken(token: NewToken): Promise<string>;
  /** Newest first. */
  tokens(): Promise<TokenRow[]>;
  /** @throws ApiError NOT_FOUND */
  revokeToken(name: string): Promise<TokenRow>;
  /** The newest ones, newest first. */
  auditEvents(first: number): Promise<AuditEventRow[]>;
  /** Removes what is old. @throws ApiError BAD_USER_INPUT */
  prune(request: PruneRequest): Promise<Pruned>;
  close(): Promise<void>;
}

/** Opens the store (the data folder, or DATABASE_URL) and applies migrations. @throws ApiError FOLDER_LOCKED, DATABASE_FAILED, ... */
export async function openAdmin(options: { onStep?: (line: string) => void } = {}): Promise<Admin> {
  const { prisma, close } = await openDatabase({ ...readConfig(), ...options });
  const deed = (action: string, subject: string) => ({ actor: LOCAL, action, subject });
  return {
    createToken: async (token) =>
      audited(prisma, deed("createToken", `name=${token.name} role=${token.role}`), async () => {
        const { secret } = await createToken(prisma, token);
        return secret;
      }),
    tokens: () => listTokens(prisma),
    revokeToken: (name) =>
      audited(prisma, deed("revokeToken", `name=${name}`), () => revokeToken(prisma, name)),
    prune: (request) =>
      audited(prisma, deed("pruneStore", toldOf(request)), () => pruneStore(prisma, null, request)),
    auditEvents: (first) => prisma.auditEvent.findMany({ orderBy: { id: "desc" }, take: first }),
    close,
  };
}

const toldOf = ({ olderThanDays, keepTagged, events, dryRun }: PruneRequest): string =>
  `olderThanDays=${olderThanDays} keepTagged=${keepTagged} events=${events} dryRun=${dryRun}`;
