import type { Admin, AuditEventRow, TokenRow } from "@recallscope/api";
import { prepareStore } from "./prepare.ts";
import { askServer } from "./server.ts";

/** Does something with tokens and events: in the store, or through the server that holds it. */
export async function withAdmin<T>(quiet: boolean, work: (admin: Admin) => Promise<T>): Promise<T> {
  await prepareStore();
  const { findOwnerKey, findServer, openAdmin } = await import("@recallscope/api");
  const server = await findServer();
  const admin =
    server === null
      ? await openAdmin({ onStep: (line) => quiet || process.stderr.write(`${line} ...\n`) })
      : adminOf(server, await findOwnerKey());
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}

const PAGE = 100;
const TOKEN = "name role hint createdAt expiresAt revokedAt lastUsedAt";
const CREATE = `mutation ($input: CreateTokenInput!) { createToken(input: $input) { secret } }`;
const REVOKE = `mutation ($input: RevokeTokenInput!) { revokeToken(input: $input) { token { ${TOKEN} } } }`;
const TOKENS = `query ($first: Int!, $after: String) { page: tokens(first: $first, after: $after) { edges { node { ${TOKEN} } } pageInfo { hasNextPage endCursor } } }`;
const EVENTS = `query ($first: Int!, $after: String) { page: auditEvents(first: $first, after: $after) { edges { node { at actor action subject outcome } } pageInfo { hasNextPage endCursor } } }`;

function adminOf(url: string, key: string | null): Admin {
  const ask = <T>(query: string, variables: unknown) => askServer<T>(url, query, variables, key);
  const pages = async <T>(query: string, most: number): Promise<T[]> => {
    const rows: T[] = [];
    for (let after: string | null = null; ; ) {
      const first = Math.min(PAGE, most - rows.length);
      const { page }: { page: Page<T> } = await ask(query, { first, after });
      rows.push(...page.edges.map(({ node }) => node));
      if (!page.pageInfo.hasNextPage || rows.length >= most) return rows;
      after = page.pageInfo.endCursor;
    }
  };
  return {
    createToken: async (input) =>
      (await ask<{ createToken: { secret: string } }>(CREATE, { input })).createToken.secret,
    revokeToken: async (name) =>
      (await ask<{ revokeToken: { token: TokenRow } }>(REVOKE, { input: { name } })).revokeToken.token,
    tokens: () => pages<TokenRow>(TOKENS, Number.POSITIVE_INFINITY),
    auditEvents: (first) => pages<AuditEventRow>(EVENTS, first),
    close: async () => {},
  };
}

interface Page<T> {
  edges: { node: T }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}
