import { createClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { LOCAL } from "../src/access/actor.ts";
import { refuseOthers } from "../src/access/own.ts";
import { hashOf } from "../src/access/tokens.ts";
import { BUNDLE_MEDIA } from "../src/exports/index.ts";
import {
  bearer,
  CREATE,
  codeOf,
  type GuardedPlatform,
  guardedPlatform,
  type Role,
} from "./support/guarded-platform.ts";

let platform: GuardedPlatform;
let secrets: GuardedPlatform["secrets"];
let ask: GuardedPlatform["ask"];
let createRun: GuardedPlatform["createRun"];
beforeAll(async () => {
  platform = await guardedPlatform();
  ({ secrets, ask, createRun } = platform);
});
afterAll(() => platform.stop());

const RUNS = `{ runs { totalCount } }`;
const DELETE = `mutation ($id: ID!) { deleteRun(input: { id: $id }) { deletedId } }`;

describe("who is let in", () => {
  it.each([
    "/graphql",
    "/schema.graphql",
    "/runs/x/report.json",
    "/runs/x/tables/heads.csv",
    "/",
    "/_next/x.js",
    "/metrics",
  ])("%s needs a token", async (place) => {
    const none = await fetch(`${platform.url}${place}`);
    expect(none.status).toBe(401);
    expect(none.headers.get("www-authenticate")).toContain("Bearer");
    expect(await none.json()).toMatchObject({ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
    expect((await fetch(`${platform.url}${place}`, { headers: bearer(secrets.READ) })).status).not.toBe(401);
  });

  it("only who may write may import a run, and each attempt is written down", async () => {
    const send = (headers: Record<string, string>) =>
      fetch(`${platform.url}/runs/import`, {
        method: "POST",
        headers: { "content-type": BUNDLE_MEDIA, ...headers },
        body: "no bundle",
      });
    expect((await send({})).status).toBe(401);
    for (const [role, status, code] of [
      ["READ", 403, "FORBIDDEN"],
      ["WRITE", 400, "BAD_BUNDLE"],
    ] as const) {
      const response = await send(bearer(secrets[role]));
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code } }] });
      const where = { action: "importRun", outcome: code };
      expect(await platform.services.prisma.auditEvent.count({ where })).toBe(1);
    }
  });

  it("health checks need none", async () => {
    for (const place of ["/healthz", "/readyz"])
      expect((await fetch(`${platform.url}${place}`)).status).toBe(200);
  });

  it.each([
    ["no token", () => null, /a token is needed.*token create/],
    ["an unknown token", () => `rsc_${"A".repeat(43)}`, /not known/],
    ["a token with one sign changed", () => `${secrets.ADMIN.slice(0, -1)}~`, /not known/],
    ["the hash instead of the token", () => hashOf(secrets.ADMIN), /not known/],
    ["a revoked token", () => secrets.REVOKED, /revoked/],
    ["an expired token", () => secrets.EXPIRED, /expired at 20/],
    ["SQL for a token", () => "'or'1'='1", /not known/],
  ])("%s is refused", async (_name, secret, message) => {
    const answer = await ask(secret(), RUNS);
    expect(answer.status).toBe(401);
    expect(codeOf(answer)).toBe("UNAUTHENTICATED");
    expect(answer.errors?.[0]?.message).toMatch(message);
    expect(JSON.stringify(answer.errors)).not.toContain("rsc_A");
  });

  it("another scheme than Bearer counts as no valid token", async () => {
    const response = await fetch(`${platform.url}/schema.graphql`, {
      headers: { authorization: `Basic ${Buffer.from(`x:${secrets.ADMIN}`).toString("base64")}` },
    });
    expect(response.status).toBe(401);
  });

  it("keeps hashes only", async () => {
    const rows = JSON.stringify(await platform.services.prisma.accessToken.findMany());
    for (const secret of Object.values(secrets)) {
      expect(rows).not.toContain(secret);
      expect(rows).toContain(hashOf(secret));
    }
  });
});

describe("what each role may do", () => {
  it.each([
    ["viewer", `{ viewer { name role } }`, "READ"],
    ["runs", RUNS, "READ"],
    ["createRun", `mutation { createRun(input: { model: "demo", task: "no" }) { created } }`, "WRITE"],
    ["cancelRun", `mutation { cancelRun(input: { id: "0123456789abcdef" }) { run { id } } }`, "WRITE"],
    ["addModel", `mutation { addModel(input: { name: "no" }) { model { id } } }`, "WRITE"],
    ["deleteRun", `mutation { deleteRun(input: { id: "0123456789abcdef" }) { deletedId } }`, "WRITE"],
    ["tagRuns", `mutation { tagRuns(input: { runs: ["no"], add: ["a"] }) { runs { id } } }`, "WRITE"],
    ["noteRuns", `mutation { noteRuns(input: { runs: ["no"] }) { runs { id } } }`, "WRITE"],
    ["deleteModel", `mutation { deleteModel(input: { name: "no" }) { deletedId } }`, "WRITE"],
    [
      "createStudy",
      `mutation { createStudy(input: { name: "a", models: ["demo"], tasks: ["no"] }) { created } }`,
      "WRITE",
    ],
    ["extendStudy", `mutation { extendStudy(input: { id: "no" }) { queued } }`, "WRITE"],
    ["retryStudy", `mutation { retryStudy(input: { id: "no" }) { queued } }`, "WRITE"],
    ["updateStudy", `mutation { updateStudy(input: { id: "no" }) { created } }`, "WRITE"],
    ["deleteStudy", `mutation { deleteStudy(input: { id: "no" }) { deletedId } }`, "WRITE"],
    [
      "createComparison",
      `mutation { createComparison(input: { name: "a", runs: ["no"] }) { comparison { id } } }`,
      "WRITE",
    ],
    ["updateComparison", `mutation { updateComparison(input: { id: "no" }) { comparison { id } } }`, "WRITE"],
    ["deleteComparison", `mutation { deleteComparison(input: { id: "no" }) { deletedId } }`, "WRITE"],
    ["comparisons", `{ comparisons { totalCount } }`, "READ"],
    ["importTask", `mutation { importTask(input: { text: "{" }) { format } }`, "WRITE"],
    ["deleteTask", `mutation { deleteTask(input: { slug: "no" }) { deletedSlug } }`, "WRITE"],
    ["checkTask", `{ checkTask(input: { text: "{" }) { format } }`, "READ"],
    ["studies", `{ studies { totalCount } }`, "READ"],
    ["pruneStore", `mutation { pruneStore(input: { olderThanDays: 0 }) { runs } }`, "ADMIN"],
    ["tokens", `{ tokens { totalCount } }`, "ADMIN"],
    ["auditEvents", `{ auditEvents { totalCount } }`, "ADMIN"],
    ["createToken", `mutation { createToken(input: { name: "", role: READ }) { secret } }`, "ADMIN"],
    ["revokeToken", `mutation { revokeToken(input: { name: "no" }) { token { name } } }`, "ADMIN"],
  ] as const)("%s", async (name, query, needed) => {
    const roles: Role[] = ["READ", "WRITE", "ADMIN"];
    for (const role of roles) {
      const answer = await ask(secrets[role], query);
      if (roles.indexOf(role) >= roles.indexOf(needed)) expect(codeOf(answer), role).not.toBe("FORBIDDEN");
      else {
        expect(codeOf(answer), role).toBe("FORBIDDEN");
        expect(answer.status, role).toBe(403);
        expect(answer.errors?.[0]?.message).toContain(`${name}: needs the role ${needed.toLowerCase()}`);
      }
    }
  });

  it("the runs of others are deleted by an admin only", async () => {
    const id = await createRun(secrets.WRITE, 1);
    expect(codeOf(await ask(secrets.OTHER, DELETE, { id }))).toBe("FORBIDDEN");
    expect((await ask(secrets.WRITE, DELETE, { id })).data).toEqual({ deleteRun: { deletedId: id } });
    const another = await createRun(secrets.WRITE, 2);
    expect((await ask(secrets.ADMIN, DELETE, { id: another })).data.deleteRun.deletedId).toBe(another);
    const { services } = platform;
    const task = await services.prisma.task.findFirstOrThrow();
    const model = await services.prisma.model.findFirstOrThrow();
    const nobodys = await services.prisma.run.create({
      data: {
        key: "k",
        requestKey: "k",
        status: "CANCELLED",
        modelId: model.id,
        taskId: task.id,
        shots: 0,
        seed: 0,
        knownFilter: "TOP1",
        leadIns: 1,
        bootstrapSamples: 100,
      },
    });
    expect(codeOf(await ask(secrets.OTHER, DELETE, { id: nobodys.id }))).toBe("FORBIDDEN");
  });

  it("what nobody made is nobody's own", () => {
    const nobody = { id: null, name: "nobody", role: "WRITE" } as const;
    expect(() => refuseOthers(nobody, null, "run 1")).toThrow(/belongs to somebody else/);
    expect(() => refuseOthers(LOCAL, null, "run 1")).not.toThrow();
  });

  it("a hidden operation among allowed ones is refused with them", async () => {
    const answer = await ask(
      secrets.READ,
      `query { runs { totalCount } x: tokens { edges { node { hint } } } }`,
    );
    expect(answer).toMatchObject({ status: 403, data: null });
  });
});

describe("tokens over GraphQL", () => {
  it("are made once, used, and ended", async () => {
    const create = `mutation ($input: CreateTokenInput!) { createToken(input: $input) { secret token { name role hint expiresAt } } }`;
    const input = { name: "ci", role: "READ", expiresInDays: 2 };
    const { createToken: made } = (await ask(secrets.ADMIN, create, { input })).data;
    expect(made.secret).toMatch(/^rsc_[\w-]{43}$/);
    expect(made.token).toMatchObject({ name: "ci", role: "READ", hint: made.secret.slice(0, 8) });
    expect((await ask(made.secret, `{ viewer { name role } }`)).data.viewer).toEqual({
      name: "ci",
      role: "READ",
    });
    const again = await ask(secrets.ADMIN, create, { input });
    expect(again.errors?.[0]).toMatchObject({
      message: expect.stringContaining("taken"),
      extensions: { code: "BAD_USER_INPUT" },
    });
    const revoke = `mutation { revokeToken(input: { name: "ci" }) { token { revokedAt } } }`;
    expect((await ask(secrets.ADMIN, revoke)).data.revokeToken.token.revokedAt).toMatch(/^20/);
    expect((await ask(made.secret, RUNS)).status).toBe(401);
    const list = JSON.stringify(
      (await ask(secrets.ADMIN, `{ tokens { edges { node { name hint lastUsedAt revokedAt } } } }`)).data,
    );
    expect(list).toContain(`"name":"ci"`);
    expect(list).not.toContain(made.secret);
  });

  it.each([
    [{ name: "a b" }, /letters, digits/],
    [{ name: "local" }, /this machine/],
    [{ name: "x", expiresInDays: 0 }, /1 to 3650/],
  ])("%j is refused", async (change, message) => {
    const answer = await ask(
      secrets.ADMIN,
      `mutation ($input: CreateTokenInput!) { createToken(input: $input) { secret } }`,
      { input: { role: "READ", ...change } },
    );
    expect(codeOf(answer)).toBe("BAD_USER_INPUT");
    expect(answer.errors?.[0]?.message).toMatch(message);
  });
});

it("writes down who did what and who was refused", async () => {
  await ask(secrets.READ, CREATE, { seed: 77, model: "demo" });
  const id = await createRun(secrets.OTHER, 78);
  await ask(secrets.REVOKED, RUNS);
  const events = (
    await ask(
      secrets.ADMIN,
      `{ auditEvents(first: 50) { edges { node { actor action subject outcome at } } } }`,
    )
  ).data.auditEvents.edges.map(({ node }: { node: unknown }) => node);
  const row = (await platform.services.prisma.run.findFirstOrThrow({ where: { seed: 78 } })).id;
  expect(id).toContain(Buffer.from("Run").toString("base64url").slice(0, 3));
  expect(events).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        actor: "READ",
        action: "createRun",
        outcome: "FORBIDDEN",
        subject: "model=demo task=country-capital",
      }),
      expect.objectContaining({
        actor: "other",
        action: "createRun",
        outcome: "OK",
        subject: `model=demo task=country-capital id=${row}`,
      }),
      expect.objectContaining({ actor: "revoked", action: "signIn", outcome: "UNAUTHENTICATED" }),
    ]),
  );
  const failed = await ask(
    secrets.ADMIN,
    `{ auditEvents(filter: { failed: true, actor: "other" }) { edges { node { outcome } } } }`,
  );
  expect(JSON.stringify(failed.data)).not.toContain("OK");
});

describe("over WebSocket", () => {
  const url = () => `${platform.url.replace("http", "ws")}/graphql`;
  const first = async (
    options: { headers?: Record<string, string>; params?: Record<string, unknown> },
    query = `subscription { runChanged { id } }`,
  ) => {
    const client = createClient({
      url: url(),
      retryAttempts: 0,
      connectionParams: options.params,
      webSocketImpl: class extends WebSocket {
        constructor(address: string, protocols: string) {
          super(address, protocols, { headers: options.headers });
        }
      },
    });
    try {
      const { value } = await client.iterate({ query }).next();
      return value;
    } catch (error) {
      const { code, reason, message } = error as { code?: number; reason?: string; message?: string };
      return code ?? reason ?? message ?? error;
    } finally {
      await client.dispose();
    }
  };

  it("nobody gets in without a token", async () => {
    expect(await first({})).toBe(4401);
    expect(await first({ params: bearer("rsc_wrong") })).toBe(4401);
    expect(await first({ params: bearer(secrets.REVOKED) })).toBe(4401);
    expect(JSON.stringify(await first({ headers: bearer(secrets.EXPIRED) }))).toMatch(/1006|401/);
  });

  it("a token in the header or the parameters lets in, with its role", async () => {
    const me = `{ viewer { name } }`;
    expect(await first({ params: bearer(secrets.READ) }, me)).toEqual({ data: { viewer: { name: "READ" } } });
    expect(await first({ headers: bearer(secrets.WRITE) }, me)).toEqual({
      data: { viewer: { name: "WRITE" } },
    });
    const tokens = await first({ params: bearer(secrets.READ) }, `{ tokens { totalCount } }`);
    expect(tokens).toMatchObject({ errors: [{ extensions: { code: "FORBIDDEN" } }] });
  });
});

describe("a browser", () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${platform.url}/session`, {
      method: "POST",
      redirect: "manual",
      headers: { "content-type": "application/x-www-form-urlencoded", origin: platform.url, ...headers },
      body,
    });

  it("is asked for the token, and keeps it where no script and no other site can use it", async () => {
    const page = await fetch(platform.url, { redirect: "manual", headers: { "sec-fetch-dest": "document" } });
    expect([page.status, page.headers.get("location")]).toEqual([303, "/session"]);
    expect(await (await fetch(`${platform.url}/session`)).text()).toContain("This server needs a token");
    const wrong = await post("token=%3Cscript%3E");
    expect(wrong.status).toBe(401);
    expect(await wrong.text()).not.toContain("<script");
    const opened = await post(`token=${secrets.WRITE}`);
    expect(opened.status).toBe(303);
    const cookie = opened.headers.get("set-cookie")!;
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    const over = await post(`token=${secrets.WRITE}`, { "x-forwarded-proto": "https" });
    expect(over.headers.get("set-cookie")).toMatch(/Secure/);

    const graphql = (headers: Record<string, string>) =>
      fetch(`${platform.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", cookie: cookie.split(";")[0]!, ...headers },
        body: JSON.stringify({ query: `{ viewer { name } }` }),
      });
    expect(await (await graphql({})).json()).toEqual({ data: { viewer: { name: "WRITE" } } });
    const foreign = await graphql({ origin: "https://evil.example" });
    expect(foreign.status).toBe(403);
    expect(await foreign.json()).toMatchObject({ errors: [{ extensions: { code: "ORIGIN_NOT_ALLOWED" } }] });
  });

  it("is signed out by its own pages, and by those of no other site", async () => {
    const end = (origin: string) =>
      fetch(`${platform.url}/session/end`, { method: "POST", redirect: "manual", headers: { origin } });
    expect((await end("https://evil.example")).status).toBe(403);
    const ended = await end(platform.url);
    expect([ended.status, ended.headers.get("location")]).toEqual([303, "/session"]);
    expect(ended.headers.get("set-cookie")).toMatch(/^recallscope_session=;.*Expires=Thu, 01 Jan 1970/);
  });

  it("is not signed in by another site's form", async () => {
    expect((await post(`token=${secrets.ADMIN}`, { origin: "https://evil.example" })).status).toBe(403);
    expect((await post("token=", { origin: "null" })).status).toBe(403);
  });
});
