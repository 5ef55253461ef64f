import type { Actor } from "../../src/access/actor.ts";
import { createToken, revokeToken } from "../../src/access/tokens.ts";
import { type Answer, testPlatform } from "./platform.ts";

export type Role = Actor["role"];
export const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
export const codeOf = ({ errors }: { errors?: Answer<unknown>["errors"] }) => errors?.[0]?.extensions.code;
export const CREATE = `mutation ($seed: Int!, $model: String!) { createRun(input: { model: $model, task: "country-capital", settings: { seed: $seed } }) { run { id } } }`;

/** The platform where everybody needs a token, with one token for each role and some that no longer open it. */
export async function guardedPlatform(options: Parameters<typeof testPlatform>[0] = {}) {
  const platform = await testPlatform({ tokensRequired: true, requestsPerMinute: 0, ...options });
  const { prisma } = platform.services;
  const make = async (name: string, role: Role) =>
    (await createToken(prisma, { name, role, expiresInDays: 1 })).secret;
  const secrets = {
    READ: await make("READ", "READ"),
    WRITE: await make("WRITE", "WRITE"),
    ADMIN: await make("ADMIN", "ADMIN"),
    OTHER: await make("other", "WRITE"),
    REVOKED: await make("revoked", "ADMIN"),
    EXPIRED: await make("expired", "ADMIN"),
  };
  await revokeToken(prisma, "revoked");
  await prisma.accessToken.update({
    where: { name: "expired" },
    data: { expiresAt: new Date(Date.now() - 1) },
  });
  const ask = async (secret: string | null, query: string, variables: Record<string, unknown> = {}) => {
    const response = await fetch(`${platform.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(secret !== null && bearer(secret)) },
      body: JSON.stringify({ query, variables }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: typed by the expectations
    const answer = (await response.json()) as Omit<Answer<any>, "status">;
    return { ...answer, status: response.status, headers: response.headers };
  };
  const createRun = async (secret: string, seed: number) =>
    (await ask(secret, CREATE, { seed, model: "demo" })).data.createRun.run.id as string;
  return { ...platform, secrets, ask, createRun };
}
export type GuardedPlatform = Awaited<ReturnType<typeof guardedPlatform>>;
