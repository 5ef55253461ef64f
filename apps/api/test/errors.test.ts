import { request } from "node:http";
import { EngineError } from "@recallscope/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { type TestPlatform, testPlatform } from "./support/platform.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform({ allowedHosts: ["lab.example"] });
});
afterAll(() => platform.stop());

const portOf = ({ url }: TestPlatform) => new URL(url).port;
const CREATE = `mutation ($input: CreateRunInput!) { createRun(input: $input) { run { id } } }`;
const create = (input: Record<string, unknown>) => ({
  input: { model: "demo", task: "country-capital", ...input },
});

describe("bad input gets a code and a message that names the way out", () => {
  it.each([
    [
      "an unknown model",
      CREATE,
      create({ model: "nothing" }),
      "MODEL_NOT_FOUND",
      /bundled model \(demo, other\)/,
    ],
    ["a folder without a model", CREATE, create({ model: "/nowhere" }), "MODEL_NOT_FOUND", /config\.json/],
    [
      "an unknown task",
      CREATE,
      create({ task: "nothing" }),
      "TASK_NOT_FOUND",
      /country-capital, .*country-language/,
    ],
    ["too many shots", CREATE, create({ settings: { shots: 9 } }), "BAD_USER_INPUT", /shots.*0 to 8/],
    ["no lead-in", CREATE, create({ settings: { leadIns: 0 } }), "BAD_USER_INPUT", /leadIns.*1 to 13/],
    ["an empty name", CREATE, create({ model: " " }), "BAD_USER_INPUT", /1 to 1000/],
    [
      "a wrong type",
      CREATE,
      create({ settings: { shots: "two" } }),
      "BAD_USER_INPUT",
      /Int cannot represent/,
    ],
    ["an unknown filter", CREATE, create({ settings: { knownFilter: "TOP2" } }), "BAD_USER_INPUT", /TOP1/],
    [
      "no such run",
      `mutation { cancelRun(input: { id: "0123456789abcdef" }) { run { id } } }`,
      {},
      "NOT_FOUND",
      /there is none/,
    ],
    [
      "an id of something else",
      `{ run(id: "${Buffer.from("Model:01a20899-6960-75d7-ae6e-e2382f210b42").toString("base64url")}") { id } }`,
      {},
      "BAD_USER_INPUT",
      /belongs to a Model/,
    ],
    ["an id that is none", `{ node(id: "nonsense") { id } }`, {}, "BAD_USER_INPUT", /not an id/],
    ["a page that is too long", `{ runs(first: 101) { totalCount } }`, {}, "BAD_USER_INPUT", /0 to 100/],
    ["a negative page", `{ runs(first: -1) { totalCount } }`, {}, "BAD_USER_INPUT", /0 to 100/],
    ["both ends", `{ runs(first: 1, before: "x") { edges { cursor } } }`, {}, "BAD_USER_INPUT", /before/],
    ["a broken cursor", `{ runs(after: "x") { edges { cursor } } }`, {}, "BAD_USER_INPUT", /cursor/i],
    ["an unknown field", `{ runz { id } }`, {}, "GRAPHQL_VALIDATION_FAILED", /runz/],
    ["no GraphQL", `{`, {}, "GRAPHQL_PARSE_FAILED", /Syntax Error/],
    [
      "a long preview",
      `{ promptPreview(input: { model: "demo", task: "country-capital", first: 1000 }) { passes } }`,
      {},
      "BAD_USER_INPUT",
      /0 to 100/,
    ],
    [
      "too many tokens",
      `{ ${"a: runs { totalCount } ".repeat(1200)} }`,
      {},
      "GRAPHQL_PARSE_FAILED",
      /tokens/,
    ],
    [
      "too much",
      `{ runs(first: 100) { edges { node { argumentPassing { heads { effect { value low high n reason } noising { value low high n } denoising { value low high n } dlaAnswer { value } dlaSubject { value } } } mlpActivation { decompositions { weights { weight low high verdict label head layer standardError } } } finalLayer { sweeps { points { probability { value low high } } } } } } } }`,
      {},
      "QUERY_TOO_COMPLEX",
      /complexity/,
    ],
    [
      "too deep",
      `{ runs { edges { node { task { runs { edges { node { task { runs { edges { node { task { runs { edges { cursor } } } } } } } } } } } } } } }`,
      {},
      "QUERY_TOO_COMPLEX",
      /depth|complexity/,
    ],
  ])("%s", async (_name, query, variables, code, message) => {
    const { errors } = await platform.graphql(query, variables);
    expect(errors?.[0]?.extensions.code).toBe(code);
    expect(errors?.[0]?.message).toMatch(message);
    expect(JSON.stringify(errors)).not.toMatch(/stacktrace|node_modules|\.ts:/);
  });

  it("lists each issue of an input", async () => {
    const { errors } = await platform.graphql(
      CREATE,
      create({ settings: { shots: -1, bootstrapSamples: 5 } }),
    );
    expect(errors?.[0]?.extensions.issues).toEqual([
      { message: expect.stringContaining("shots"), path: expect.stringContaining("shots") },
      {
        message: expect.stringContaining("bootstrapSamples"),
        path: expect.stringContaining("bootstrapSamples"),
      },
    ]);
  });

  it("passes the engine's codes through", async () => {
    platform.engine.failure = new EngineError("SELF_CHECK_FAILED", "self-check of demo: head sum 1e-2");
    const add = `mutation { addModel(input: { name: "demo" }) { model { id } } }`;
    expect(await platform.codeOf(add)).toBe("SELF_CHECK_FAILED");
    platform.engine.failure = new TypeError("secret detail of /home/someone/file.ts");
    const { errors } = await platform.graphql(add);
    expect(errors?.[0]?.extensions.code).toBe("INTERNAL_SERVER_ERROR");
    expect(JSON.stringify(errors)).not.toContain("secret");
    platform.engine.failure = null;
  });

  it("refuses subscriptions in the same form", async () => {
    const first = async (query: string) =>
      platform
        .subscribe(query)
        .next()
        .then(
          ({ value }) => value.errors[0],
          (errors) => errors[0],
        );
    expect(await first(`subscription { runProgress(id: "0123456789abcdef") { id } }`)).toMatchObject({
      extensions: { code: "NOT_FOUND" },
    });
    expect(await first(`subscription { nothing { id } }`)).toMatchObject({
      extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
    });
  });
});

describe("over HTTP", () => {
  const post = (body: string, headers: Record<string, string> = { "content-type": "application/json" }) =>
    fetch(`${platform.url}/graphql`, { method: "POST", headers, body });

  it("refuses large and broken bodies", async () => {
    const large = await post(
      JSON.stringify({ query: "{ runs { totalCount } }", variables: { x: "x".repeat(300_000) } }),
    );
    expect(large.status).toBe(413);
    expect(await large.json()).toMatchObject({ errors: [{ extensions: { code: "PAYLOAD_TOO_LARGE" } }] });
    const broken = await post("{");
    expect(broken.status).toBe(400);
    expect(await broken.json()).toMatchObject({ errors: [{ extensions: { code: "BAD_REQUEST" } }] });
  });

  it("refuses requests that another site's page could send", async () => {
    const simple = await post(`{"query":"{ runs { totalCount } }"}`, { "content-type": "text/plain" });
    expect(simple.status).toBe(400);
    expect((await fetch(`${platform.url}/graphql?query={runs{totalCount}}`)).status).toBe(400);
  });

  const get = (host: string) =>
    new Promise<number | undefined>((resolve) =>
      request({ port: portOf(platform), host: "127.0.0.1", path: "/healthz", headers: { host } }, (r) =>
        resolve(r.resume().statusCode),
      ).end(),
    );
  const upgrade = (headers: Record<string, string>) =>
    new Promise<string>((resolve) => {
      const address = `ws://127.0.0.1:${portOf(platform)}/graphql`;
      const socket = new WebSocket(address, "graphql-transport-ws", { headers });
      socket
        .on("error", (error) => resolve(error.message))
        .on("open", () => {
          socket.close();
          resolve("open");
        });
    });

  it.each([
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evil-localhost",
    "lab.example.evil.example",
  ])("does not answer to the name %s, which a page may give to this machine", async (name) => {
    const host = `${name}:${portOf(platform)}`;
    expect(await get(host)).toBe(403);
    // The page is of that name, too: its origin alone gives nothing away.
    expect(await upgrade({ host, origin: `http://${host}` })).toContain("403");
  });

  it("answers to its own names, and to those that are listed", async () => {
    for (const name of ["127.0.0.1", "LOCALHOST", "[::1]", "Lab.example"]) {
      const host = `${name}:${portOf(platform)}`;
      expect(await get(host), name).toBe(200);
      expect(await upgrade({ host }), name).toBe("open");
    }
  });

  it("opens a WebSocket for its own pages, and for those of no other site, port or file", async () => {
    const host = `127.0.0.1:${portOf(platform)}`;
    expect(await upgrade({ host, origin: `http://${host}` })).toBe("open");
    for (const origin of [
      "https://evil.example",
      "http://127.0.0.1:1",
      `http://${host}.evil.example`,
      "null",
    ])
      expect(await upgrade({ host, origin }), origin).toContain("403");
  });

  it("tells its health, its schema, and what to try in a browser", async () => {
    expect(await (await fetch(`${platform.url}/healthz`)).json()).toEqual({ status: "ok" });
    expect(await (await fetch(`${platform.url}/readyz`)).json()).toEqual({
      status: "ready",
      checks: { database: "ok", migrations: "ok", worker: "ok" },
    });
    expect(await (await fetch(`${platform.url}/schema.graphql`)).text()).toContain(
      "type Run implements Node",
    );
    const page = await fetch(`${platform.url}/graphql`, { headers: { accept: "text/html" } });
    const { host } = new URL(platform.url);
    expect(page.headers.get("content-security-policy")?.split(";").sort()).toEqual([
      "base-uri 'self'",
      `connect-src 'self' ws://${host} wss://${host}`,
      "default-src 'self'",
      "font-src 'self' data:",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "img-src 'self' data: blob:",
      "object-src 'none'",
      "script-src 'self' 'unsafe-inline'",
      "style-src 'self' 'unsafe-inline'",
    ]);
    expect(Object.fromEntries(page.headers)).toMatchObject({
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-frame-options": "SAMEORIGIN",
    });
    expect(page.headers.get("x-powered-by")).toBeNull();
    const html = await page.text();
    expect(html).toContain("createRun");
    expect(html).not.toMatch(/https?:\/\//);
    expect((await fetch(platform.url)).status).toBe(503);
  });

  it("answers the landing page's examples", async () => {
    const html = await (await fetch(`${platform.url}/graphql`, { headers: { accept: "text/html" } })).text();
    const examples = [...html.matchAll(/data-query="([^"]+)"/g)].map(([, text]) =>
      text!
        .replaceAll("&quot;", '"')
        .replaceAll("&lt;", "<")
        .replaceAll("&amp;", "&")
        .replace("MODEL", "demo"),
    );
    expect(examples.length).toBeGreaterThan(2);
    for (const query of examples) expect((await platform.graphql(query)).errors, query).toBeUndefined();
  });
});
