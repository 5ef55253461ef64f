import type { Admin, AuditEventRow, Pruned, TokenRow } from "@recallscope/api";
import { type Connection, findConnection, type ServerFlags } from "./connection.ts";
import { entriesOf } from "./pages.ts";
import { prepareStore } from "./prepare.ts";
import { askServer } from "./server.ts";

/** Does something with tokens and events: in the store, or through the server that was named or holds it. */
export async function withAdmin<T>(
  flags: ServerFlags & { quiet?: boolean },
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  await prepareStore();
  const connection = await findConnection(flags);
  const admin = connection === null ? await openHere(flags) : adminOf(connection);
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}

const openHere = async ({ quiet }: { quiet?: boolean }): Promise<Admin> => {
  const { openAdmin } = await import("@recallscope/api");
  return openAdmin({ onStep: (line) => quiet || process.stderr.write(`${line} ...\n`) });
};

const TOKEN = "name role hint createdAt expiresAt revokedAt lastUsedAt";
const CREATE = `mutation ($input: CreateTokenInput!) { createToken(input: $input) { secret } }`;
const REVOKE = `mutation ($input: RevokeTokenInput!) { revokeToken(input: $input) { token { ${TOKEN} } } }`;
const PRUNE = `mutation ($input: PruneStoreInput!) { pruneStore(input: $input) { runs keptTagged keptNamed events } }`;
const EVENT = "at actor action subject outcome";

function adminOf(connection: Connection): Admin {
  const ask = <T>(query: string, variables: unknown) => askServer<T>(connection, query, variables);
  return {
    createToken: async (input) =>
      (await ask<{ createToken: { secret: string } }>(CREATE, { input })).createToken.secret,
    revokeToken: async (name) =>
      (await ask<{ revokeToken: { token: TokenRow } }>(REVOKE, { input: { name } })).revokeToken.token,
    tokens: () => entriesOf<TokenRow>(connection, "tokens", TOKEN),
    auditEvents: (first) => entriesOf<AuditEventRow>(connection, "auditEvents", EVENT, first),
    prune: async (input) => (await ask<{ pruneStore: Pruned }>(PRUNE, { input })).pruneStore,
    close: async () => {},
  };
}
