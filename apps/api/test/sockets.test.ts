import net from "node:net";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import WebSocket from "ws";
import { createToken, revokeToken } from "../src/access/tokens.ts";
import { MAX_SOCKET_OPERATIONS, MAX_SOCKETS } from "../src/schema/limits.ts";
import { bearer, type GuardedPlatform, guardedPlatform } from "./support/guarded-platform.ts";

// A thousand would need more open files than some machines give to one process.
vi.mock("../src/schema/limits.ts", async (original) => ({ ...(await original<object>()), MAX_SOCKETS: 8 }));

let platform: GuardedPlatform;
beforeAll(async () => {
  platform = await guardedPlatform();
});
afterAll(() => platform.stop());

const address = () => `${platform.url.replace("http", "ws")}/graphql`;
const CHANGED = `subscription { runChanged { id } }`;

/** A connection spoken by hand, to say what no client library would. */
async function connect(secret: string | null = platform.secrets.READ) {
  const socket = new WebSocket(address(), "graphql-transport-ws");
  const received: { id?: string; type: string; payload?: unknown }[] = [];
  socket.on("message", (data) => received.push(JSON.parse(String(data))));
  const closed = new Promise<{ code: number; reason: string; at: number }>((resolve) =>
    socket.on("close", (code, reason) => resolve({ code, reason: String(reason), at: Date.now() })),
  );
  await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
  const say = (message: object) => socket.send(JSON.stringify(message));
  const hears = (test: (message: (typeof received)[number]) => boolean) =>
    expect.poll(() => received.find(test), { timeout: 10_000 }).toBeTruthy();
  if (secret !== null) {
    say({ type: "connection_init", payload: bearer(secret) });
    await hears(({ type }) => type === "connection_ack");
  }
  const errorOf = (id: string) =>
    (
      received.find((message) => message.id === id)?.payload as { extensions: { code: string } }[] | undefined
    )?.[0]?.extensions.code;
  return { socket, received, closed, say, hears, errorOf };
}

it("ends within ten seconds when its token is revoked, with what goes on in it", {
  timeout: 30_000,
}, async () => {
  const { prisma } = platform.services;
  const { secret } = await createToken(prisma, { name: "short", role: "READ", expiresInDays: 1 });
  const [short, other] = [await connect(secret), await connect()];
  for (const { say } of [short, other]) say({ id: "1", type: "subscribe", payload: { query: CHANGED } });
  await revokeToken(prisma, "short");
  const revoked = Date.now();
  // At once for what is new on it, ...
  short.say({ id: "2", type: "subscribe", payload: { query: `{ viewer { name } }` } });
  await short.hears(({ id, type }) => id === "2" && type === "error");
  expect(short.errorOf("2")).toBe("UNAUTHENTICATED");
  // ... and then for all of it.
  const { code, reason, at } = await short.closed;
  expect([code, reason]).toEqual([4401, "UNAUTHENTICATED"]);
  expect(at - revoked).toBeLessThan(10_500);
  expect(other.socket.readyState).toBe(WebSocket.OPEN);
  other.socket.close();
});

it("is closed when nobody says in time who asks, or something else is said first", {
  timeout: 20_000,
}, async () => {
  const silent = await connect(null);
  expect((await silent.closed).code).toBe(4408);
  const hasty = await connect(null);
  hasty.say({ id: "1", type: "subscribe", payload: { query: CHANGED } });
  expect((await hasty.closed).code).toBe(4401);
  const noise = await connect();
  noise.socket.send("{");
  expect((await noise.closed).code).toBe(4400);
});

it("refuses messages that are too large", async () => {
  const { say, closed } = await connect();
  say({ id: "1", type: "subscribe", payload: { query: CHANGED, variables: { x: "x".repeat(300_000) } } });
  expect((await closed).code).toBe(1009);
});

it("has a limit on what goes on at once, and only refuses what is beyond it", async () => {
  const { say, hears, errorOf, received, socket } = await connect();
  for (let i = 0; i < MAX_SOCKET_OPERATIONS + 5; i++)
    say({ id: `s${i}`, type: "subscribe", payload: { query: CHANGED } });
  await hears(({ id }) => id === `s${MAX_SOCKET_OPERATIONS + 4}`);
  expect(received.filter(({ type }) => type === "error")).toHaveLength(5);
  expect(errorOf(`s${MAX_SOCKET_OPERATIONS}`)).toBe("RATE_LIMITED");
  say({ id: "s0", type: "complete" });
  say({ id: "again", type: "subscribe", payload: { query: `{ viewer { name } }` } });
  await hears(({ id, type }) => id === "again" && type === "next");
  expect(socket.readyState).toBe(WebSocket.OPEN);
  socket.close();
});

it("has a limit on the connections of one token", async () => {
  const { prisma } = platform.services;
  const secretFor = async (name: string) =>
    (await createToken(prisma, { name, role: "READ", expiresInDays: 1 })).secret;
  const [secret, other] = [await secretFor("many"), await secretFor("few")];
  const open = [];
  for (let i = 0; i < MAX_SOCKETS; i++) open.push(await connect(secret));
  const beyond = await connect(null);
  beyond.say({ type: "connection_init", payload: bearer(secret) });
  expect(await beyond.closed).toMatchObject({ code: 4429, reason: "RATE_LIMITED" });
  open.push(await connect(other));
  open[0]!.socket.close();
  const again = async () => {
    const { say, received, closed, socket } = await connect(null);
    say({ type: "connection_init", payload: bearer(secret) });
    await Promise.race([closed, new Promise((resolve) => socket.once("message", resolve))]);
    socket.close();
    return received[0]?.type;
  };
  await expect.poll(again, { timeout: 10_000 }).toBe("connection_ack");
  for (const { socket } of open) socket.close();
});

it.each([
  ["is no GraphQL", "{", "GRAPHQL_PARSE_FAILED"],
  ["has no such field", "{ nothing }", "GRAPHQL_VALIDATION_FAILED"],
  ["is nested without end", "{a".repeat(2900), "QUERY_TOO_COMPLEX"],
  ["has too many words", `{ ${"a ".repeat(7000)} }`, "GRAPHQL_PARSE_FAILED"],
  [
    "has too many aliases",
    `{ ${Array.from({ length: 101 }, (_, i) => `a${i}: viewer { name }`).join(" ")} }`,
    "QUERY_TOO_COMPLEX",
  ],
  [
    "costs too much",
    `{ runs(first: 100) { edges { node { prompts(first: 500) { edges { node { topTokens { text } } } } } } } }`,
    "QUERY_TOO_COMPLEX",
  ],
  ["needs another role", `{ tokens { totalCount } }`, "FORBIDDEN"],
  [
    "names no operation",
    `query A { viewer { name } } query B { viewer { name } }`,
    "GRAPHQL_VALIDATION_FAILED",
  ],
])("refuses a document that %s, and goes on", async (_name, query, code) => {
  const { say, hears, received, socket } = await connect();
  say({ id: "1", type: "subscribe", payload: { query } });
  await hears(({ id }) => id === "1");
  expect(JSON.stringify(received.find(({ id }) => id === "1")?.payload)).toContain(`"code":"${code}"`);
  say({ id: "2", type: "subscribe", payload: { query: `{ viewer { name } }` } });
  await hears(({ id, type }) => id === "2" && type === "next");
  socket.close();
});

it.each([
  ["GET // HTTP/1.1", "404"],
  ["GET http:// HTTP/1.1", "404"],
  ["GET /graphql%00 HTTP/1.1", "404"],
  ["GET /%E0%A4%A HTTP/1.1", "404"],
  ["GET /other HTTP/1.1", "404"],
])("an upgrade of %s is refused, and the server lives on", async (line, status) => {
  const { port } = new URL(platform.url);
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = net.connect(Number(port), "127.0.0.1", () =>
      socket.write(
        `${line}\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
      ),
    );
    socket.on("data", (data) => resolve(String(data))).on("error", reject);
  });
  expect(answer).toContain(`HTTP/1.1 ${status}`);
  expect((await fetch(`${platform.url}/healthz`)).status).toBe(200);
});
