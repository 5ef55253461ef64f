import { getIntrospectionQuery } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MAX_ALIASES, MAX_TOKENS, QUERY_LIMITS } from "../src/schema/limits.ts";
import { type TestPlatform, testPlatform } from "./support/platform.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
  await platform.reaches((await platform.createRun()).id, "SUCCEEDED");
});
afterAll(() => platform.stop());

/** Text that is nested `depth` times. */
const nested = (depth: number, around: (inner: string) => string, core: string): string =>
  depth === 0 ? core : around(nested(depth - 1, around, core));
const times = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(" ");

const inTask = (inner: string) => `task { runs(first: 1) { edges { node { ${inner} } } } }`;
const inType = (inner: string) => `type { name fields { name ${inner} } }`;

/** Each is refused before it costs anything: soon, and without one statement to the database. */
describe("a document that asks for too much", () => {
  it.each([
    [
      "is too deep",
      `{ runs { edges { node { ${nested(4, inTask, "id")} } } } }`,
      "QUERY_TOO_COMPLEX",
      /depth \d+ .*up to 14/,
    ],
    [
      "is too deep by inline fragments",
      `{ runs { edges { node { ${nested(4, (inner) => `... on Run { ${inTask(`... { ${inner} }`)} }`, "id")} } } } }`,
      "QUERY_TOO_COMPLEX",
      /depth/,
    ],
    [
      "is too wide",
      `{ ${times(90, (i) => `a${i}: runs(first: 1) { pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id key status createdAt startedAt finishedAt warnings } } }`)} }`,
      "QUERY_TOO_COMPLEX",
      /breadth \d+ .*up to 1000/,
    ],
    [
      "has too many aliases",
      `{ ${times(MAX_ALIASES + 1, (i) => `a${i}: __typename`)} }`,
      "QUERY_TOO_COMPLEX",
      /aliases.*up to 100/,
    ],
    [
      "has too many aliases, spread over fragments",
      `{ viewer { ...F ...G } } ${["F", "G"].map((name) => `fragment ${name} on Viewer { ${times(60, (i) => `${name}${i}: name`)} }`).join(" ")}`,
      "QUERY_TOO_COMPLEX",
      /120 aliases/,
    ],
    [
      "multiplies through fragments",
      `{ runs(first: 100) { edges { node { ...A } } } } fragment A on Run { model { runs(first: 100) { edges { node { ...B } } } } } fragment B on Run { task { runs(first: 100) { edges { node { id } } } } }`,
      "QUERY_TOO_COMPLEX",
      /complexity/,
    ],
    [
      "doubles from fragment to fragment",
      `{ runs { edges { node { ...F0 } } } } ${times(12, (i) => `fragment F${i} on Run { a: model { runs { edges { node { ...F${i + 1} } } } } b: task { runs { edges { node { ...F${i + 1} } } } } }`)} fragment F12 on Run { id }`,
      "QUERY_TOO_COMPLEX",
      /complexity|depth/,
    ],
    [
      "goes round in fragments",
      `{ runs { edges { node { ...A } } } } fragment A on Run { model { runs { edges { node { ...B } } } } } fragment B on Run { ...A }`,
      "GRAPHQL_VALIDATION_FAILED",
      /Cannot spread fragment/,
    ],
    [
      "spreads a fragment in itself",
      `{ runs { edges { node { ...A } } } } fragment A on Run { ...A }`,
      "GRAPHQL_VALIDATION_FAILED",
      /within itself/,
    ],
    [
      "asks for many runs at once",
      `{ nodes(ids: [${times(300, () => `"${Buffer.from("Run:01a20899-6960-75d7-ae6e-e2382f210b42").toString("base64url")}",`)}]) { ... on Run { prompts(first: 500) { edges { node { text } } } } } }`,
      "QUERY_TOO_COMPLEX",
      /complexity/,
    ],
    [
      "repeats a directive",
      `{ runs ${times(2500, () => "@a")} { totalCount } }`,
      "GRAPHQL_VALIDATION_FAILED",
      /Unknown directive/,
    ],
    ["has too many words", `{ ${times(MAX_TOKENS, () => "a")} }`, "GRAPHQL_PARSE_FAILED", /tokens/],
    [
      "is nested without end",
      `{ ${nested(2900, (inner) => `a{${inner}}`, "a")} }`,
      "QUERY_TOO_COMPLEX",
      /nested more than 100/,
    ],
    [
      "has a list without end for a value",
      `{ runs(after: ${"[".repeat(2900)}${"]".repeat(2900)}) { totalCount } }`,
      "QUERY_TOO_COMPLEX",
      /nested more than 100/,
    ],
    ["is nested, and no GraphQL either", `{${"{".repeat(200)} "`, "QUERY_TOO_COMPLEX", /nested more than/],
    ["has an end of a string missing", `{ runs(after: "`, "GRAPHQL_PARSE_FAILED", /Unterminated string/],
    [
      "asks the schema for itself, again and again",
      `{ __schema { types { ${nested(9, (inner) => `fields { ${inType(inner)} }`, "")} } } }`,
      "GRAPHQL_VALIDATION_FAILED",
      /introspection depth/,
    ],
    [
      "asks a type for itself, again and again",
      `{ __type(name: "Run") { ${nested(9, (inner) => `fields { ${inType(inner)} }`, "")} } }`,
      "GRAPHQL_VALIDATION_FAILED",
      /introspection depth/,
    ],
  ])("%s", async (_name, query, code, message) => {
    platform.statements.length = 0;
    const start = performance.now();
    const { errors, data } = await platform.graphql(query);
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(errors?.[0]?.extensions.code).toBe(code);
    expect(errors?.[0]?.message).toMatch(message);
    expect(data ?? null).toBeNull();
    expect(platform.statements).toEqual([]);
  });

  it("is not taken for one: what the dashboard and tools ask stays within the limits", async () => {
    expect((await platform.graphql(getIntrospectionQuery())).errors).toBeUndefined();
    const { errors } = await platform.graphql(`{ ${times(MAX_ALIASES, (i) => `a${i}: viewer { name }`)} }`);
    expect(errors).toBeUndefined();
    expect(QUERY_LIMITS.depth).toBe(14);
  });

  it("costs little even where a check of all pairs of fields is needed", async () => {
    const start = performance.now();
    await platform.graphql(`{ ${times(1400, () => "runs { totalCount }")} }`);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
