import type { Role } from "./generated/prisma/enums.ts";

/** A token as it may be shown; times as dates, or as text where they came over the network. */
export interface TokenRow {
  name: string;
  role: Role;
  hint: string;
  createdAt: Date | string;
  expiresAt: Date | string | null;
  revokedAt: Date | string | null;
  lastUsedAt: Date | string | null;
}

export interface AuditEventRow {
  at: Date | string;
  actor: string;
  action: string;
  subject: string | null;
  outcome: string;
}
