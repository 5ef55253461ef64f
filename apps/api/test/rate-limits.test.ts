import { createClient } from "graphql-ws";
import { describe, expect, it } from "vitest";
import WebSocket from "ws";
import { FAILURES_PER_MINUTE, rateLimits } from "../src/access/rate-limit.ts";
import { createToken, revokeToken } from "../src/access/tokens.ts";
import { bearer } from "./support/guarded-platform.ts";
import { testPlatform } from "./support/platform.ts";

describe("how often", () => {
  it("one address fails holds up no other one", async () => {
    const { failure } = rateLimits(0);
    for (let i = 0; i < FAILURES_PER_MINUTE; i++) await failure("10.0.0.1");
    await expect(failure("10.0.0.1")).rejects.toMatchObject({ code: "RATE_LIMITED" });
    await expect(failure("10.0.0.2")).resolves.toBeUndefined();
  });

  it("a token may ask is limited, and said", async () => {
    const limited = await testPlatform({ tokensRequired: true, requestsPerMinute: 3 });
    try {
      const { prisma } = limited.services;
      const { secret } = await createToken(prisma, { name: "busy", role: "READ", expiresInDays: null });
      const { secret: other } = await createToken(prisma, {
        name: "calm",
        role: "READ",
        expiresInDays: null,
      });
      const get = (token: string, more: Record<string, string> = {}) =>
        fetch(`${limited.url}/schema.graphql`, { headers: { ...bearer(token), ...more } });
      for (let i = 0; i < 3; i++) expect((await get(secret)).status).toBe(200);
      const refused = await get(secret);
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(30);
      expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(60);
      expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: "RATE_LIMITED" } }] });
      const client = createClient({
        url: `${limited.url.replace("http", "ws")}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: bearer(secret),
        retryAttempts: 0,
      });
      await expect(client.iterate({ query: `{ runs { totalCount } }` }).next()).rejects.toMatchObject([
        { extensions: { code: "RATE_LIMITED" } },
      ]);
      await client.dispose();
      expect((await get(other)).status).toBe(200);
      expect((await fetch(`${limited.url}/healthz`)).status).toBe(200);

      // Whatever a proxy is said to have stood between.
      const guess = (i: number) => get("rsc_guess", { "x-forwarded-for": `10.0.0.${i}` });
      const guesses = await Promise.all(Array.from({ length: FAILURES_PER_MINUTE + 1 }, (_, i) => guess(i)));
      expect(guesses.filter(({ status }) => status === 429)).toHaveLength(1);
      expect((await fetch(`${limited.url}/schema.graphql`)).status).toBe(429);
      expect((await get(other)).status).toBe(200);
      await revokeToken(prisma, "busy");
      expect((await get(secret)).status).toBe(429);
      // Nobody may fill the store with events of a token that has ended.
      expect(await prisma.auditEvent.count({ where: { action: "signIn" } })).toBe(0);
    } finally {
      await limited.stop();
    }
  });
});
