import { request } from "node:http";
import { type GraphQLInputType, getNamedType, isInputObjectType, isListType, isNonNullType } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BUNDLE_MEDIA, MAX_BUNDLE } from "../src/exports/index.ts";
import { schema } from "../src/schema/index.ts";
import { bearer, codeOf, type GuardedPlatform, guardedPlatform } from "./support/guarded-platform.ts";

let platform: GuardedPlatform;
let admin: Record<string, string>;
beforeAll(async () => {
  platform = await guardedPlatform();
  admin = bearer(platform.secrets.ADMIN);
  await platform.createRun(platform.secrets.WRITE, 1);
});
afterAll(() => platform.stop());

/** A request as it is written, with what `fetch` would not send. @returns status and code of the refusal */
const send = (
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Buffer,
): Promise<{ status: number; code: string | undefined; text: string }> =>
  new Promise((resolve, reject) => {
    const { port } = new URL(platform.url);
    const call = request(
      { port, host: "127.0.0.1", method, path, headers: { ...admin, ...headers } },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part) => {
          text += part;
        });
        response.on("end", () => {
          const errors = text.startsWith('{"errors"') ? JSON.parse(text).errors : undefined;
          resolve({ status: response.statusCode!, code: errors?.[0]?.extensions?.code, text });
          call.destroy();
        });
      },
    );
    call.on("error", reject);
    if (body === undefined && headers["content-length"]) call.flushHeaders();
    else call.end(body);
  });
const JSON_TYPE = { "content-type": "application/json" };
const QUERY = JSON.stringify({ query: "{ viewer { name } }" });

describe("a request that is not as it should be", () => {
  it.each([
    ["a list of operations", "POST", "/graphql", JSON_TYPE, `[${QUERY},${QUERY}]`, 400, "BAD_REQUEST"],
    ["no JSON", "POST", "/graphql", JSON_TYPE, "{", 400, "BAD_REQUEST"],
    ["JSON that is no object", "POST", "/graphql", JSON_TYPE, "7", 400, "BAD_REQUEST"],
    ["a document that is no text", "POST", "/graphql", JSON_TYPE, `{"query":{"a":1}}`, 400, "BAD_REQUEST"],
    [
      "JSON nested without end",
      "POST",
      "/graphql",
      JSON_TYPE,
      `{"query":"{ viewer { name } }","variables":{"a":${"[".repeat(120_000)}${"]".repeat(120_000)}}}`,
      200,
      undefined,
    ],
    [
      "a large body",
      "POST",
      "/graphql",
      JSON_TYPE,
      JSON.stringify({ query: "{ a }", x: "x".repeat(300_000) }),
      413,
      "PAYLOAD_TOO_LARGE",
    ],
    [
      "a large body that does not say so",
      "POST",
      "/graphql",
      { ...JSON_TYPE, "transfer-encoding": "chunked" },
      JSON.stringify({ query: "{ viewer { name } }", x: "x".repeat(300_000) }),
      413,
      "PAYLOAD_TOO_LARGE",
    ],
    [
      "a body that says it is large",
      "POST",
      "/graphql",
      { ...JSON_TYPE, "content-length": "999999999" },
      undefined,
      413,
      "PAYLOAD_TOO_LARGE",
    ],
    [
      "an unknown encoding",
      "POST",
      "/graphql",
      { ...JSON_TYPE, "content-encoding": "zip" },
      QUERY,
      415,
      "BAD_REQUEST",
    ],
    [
      "an unknown character set",
      "POST",
      "/graphql",
      { "content-type": "application/json; charset=klingon" },
      QUERY,
      415,
      "BAD_REQUEST",
    ],
    [
      "a form",
      "POST",
      "/graphql",
      { "content-type": "application/x-www-form-urlencoded" },
      "query={viewer{name}}",
      400,
      "BAD_REQUEST",
    ],
    [
      "a form with files",
      "POST",
      "/graphql",
      { "content-type": "multipart/form-data; boundary=x" },
      "--x--",
      400,
      "BAD_REQUEST",
    ],
    ["plain text", "POST", "/graphql", { "content-type": "text/plain" }, QUERY, 400, "BAD_REQUEST"],
    [
      "a mutation by GET",
      "GET",
      "/graphql?query=mutation%7BdeleteRun(input:%7Bid:%22x%22%7D)%7BdeletedId%7D%7D",
      { "apollo-require-preflight": "1" },
      undefined,
      405,
      "BAD_REQUEST",
    ],
    [
      "a query by GET that another site could send",
      "GET",
      "/graphql?query=%7Bviewer%7Bname%7D%7D",
      {},
      undefined,
      400,
      "BAD_REQUEST",
    ],
    [
      "nested without end by GET",
      "GET",
      `/graphql?query=${"%7Ba".repeat(1500)}`,
      { "apollo-require-preflight": "1" },
      undefined,
      400,
      "QUERY_TOO_COMPLEX",
    ],
    ["another method", "PUT", "/graphql", JSON_TYPE, QUERY, 405, "BAD_REQUEST"],
    [
      "a large token for the session",
      "POST",
      "/session",
      { "content-type": "application/x-www-form-urlencoded", origin: "http://127.0.0.1" },
      `token=${"x".repeat(10_000)}`,
      413,
      "PAYLOAD_TOO_LARGE",
    ],
    [
      "a bundle that says it is too large",
      "POST",
      "/runs/import",
      { "content-type": BUNDLE_MEDIA, "content-length": String(MAX_BUNDLE + 1) },
      undefined,
      413,
      "PAYLOAD_TOO_LARGE",
    ],
    [
      "a bundle in another type",
      "POST",
      "/runs/import",
      { "content-type": "application/octet-stream" },
      "x",
      400,
      "BAD_REQUEST",
    ],
    [
      "a bundle that is none",
      "POST",
      "/runs/import",
      { "content-type": BUNDLE_MEDIA },
      Buffer.alloc(100_000, 7),
      400,
      "BAD_BUNDLE",
    ],
    [
      "an address that cannot be read",
      "GET",
      "/runs/%E0%A4%A/report.json",
      {},
      undefined,
      400,
      "BAD_REQUEST",
    ],
    ["an address with U+0000", "GET", "/runs/%00/report.json", {}, undefined, 404, "NOT_FOUND"],
    [
      "a way out of the folder of runs",
      "GET",
      "/runs/..%2f..%2fetc%2fpasswd/report.json",
      {},
      undefined,
      404,
      "NOT_FOUND",
    ],
    ["a file that no run has", "GET", "/runs/x/..%2freport.json", {}, undefined, 400, "BAD_USER_INPUT"],
    [
      "a table that no run has",
      "GET",
      "/runs/x/tables/..%2f..%2fheads.csv",
      {},
      undefined,
      400,
      "BAD_USER_INPUT",
    ],
  ])("%s", async (_name, method, path, headers, body, status, code) => {
    const answer = await send(method, path, headers as Record<string, string>, body);
    expect({ status: answer.status, code: answer.code }).toEqual({ status, code });
    expect(answer.text).not.toMatch(/node_modules|\.ts:|stacktrace/);
    expect((await fetch(`${platform.url}/healthz`)).status).toBe(200);
  });
});

const isMany = (type: GraphQLInputType): boolean => isListType(isNonNullType(type) ? type.ofType : type);

/** Every text that any list can be filtered by, as the schema names them: a new filter is tested without doing anything. */
const filters = Object.values(schema.getQueryType()!.getFields()).flatMap(({ name, args }) =>
  args.flatMap((arg) => {
    const type = getNamedType(arg.type);
    return isInputObjectType(type) && type.name.endsWith("Filter")
      ? Object.values(type.getFields())
          .filter((field) => ["String", "ID"].includes(getNamedType(field.type).name))
          .map((field) => ({
            list: name,
            arg: arg.name,
            type: String(arg.type),
            field: field.name,
            many: isMany(field.type),
          }))
      : [];
  }),
);

const EVIL = [
  `'; drop table "Run"; --`,
  `' or '1'='1`,
  `%' or 1=1 --`,
  `\\'; select pg_sleep(10); --`,
  "$1",
  "{a,b}",
  `{"a":1}`,
  `"`,
  "\\",
  "\u0000",
  "\ud800",
  "x".repeat(199),
];

describe("a text shaped like SQL", () => {
  it("is looked for in more than a few filters", () => expect(filters.length).toBeGreaterThan(6));

  it.each(filters)("finds nothing by $list($arg: $field)", async ({ list, arg, type, field, many }) => {
    for (const evil of EVIL) {
      const start = performance.now();
      const answer = await platform.ask(
        platform.secrets.ADMIN,
        `query ($filter: ${type}) { ${list}(${arg}: $filter) { totalCount edges { cursor } } }`,
        { filter: { [field]: many ? [evil] : evil } },
      );
      if (answer.errors) expect(codeOf(answer), JSON.stringify(answer.errors)).toBe("BAD_USER_INPUT");
      else expect(answer.data[list], JSON.stringify(evil)).toEqual({ totalCount: 0, edges: [] });
      expect(performance.now() - start).toBeLessThan(5_000);
    }
    expect(await platform.services.prisma.run.count()).toBe(1);
  });
});
