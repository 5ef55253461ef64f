import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Loose, type TestPlatform, testPlatform } from "./support/platform.ts";
import { storedRuns } from "./support/stored-runs.ts";

let platform: TestPlatform;
let keys: string[];
beforeAll(async () => {
  platform = await testPlatform();
  keys = (await storedRuns(platform.services.prisma, platform.models, 5)).map(({ key }) => key);
});
afterAll(() => platform.stop());
beforeEach(() => platform.services.prisma.comparison.deleteMany());

const FIELDS = `id name note state baselineIndex missingRuns createdBy createdAt updatedAt runs { key model task run { key } }`;
const CREATE = `mutation ($input: CreateComparisonInput!) { createComparison(input: $input) { comparison { ${FIELDS} } } }`;
const UPDATE = `mutation ($input: UpdateComparisonInput!) { updateComparison(input: $input) { comparison { ${FIELDS} } } }`;
const DELETE = `mutation ($id: ID!) { deleteComparison(input: { id: $id }) { deletedId } }`;
const create = async (input: object = {}) => {
  const { data, errors } = await platform.graphql<Loose>(CREATE, {
    input: { name: "view", runs: keys.slice(0, 3), ...input },
  });
  expect(errors).toBeUndefined();
  return data.createComparison.comparison;
};
const update = async (input: object) => {
  const { data, errors } = await platform.graphql<Loose>(UPDATE, { input: { id: "view", ...input } });
  expect(errors).toBeUndefined();
  return data.updateComparison.comparison;
};
const keysOf = ({ runs }: Loose) => runs.map(({ key }: Loose) => key);

describe("a saved comparison", () => {
  it("keeps runs in order, the baseline, and the page's own state to the letter", async () => {
    const state = "?runs=a~b&head=L9H8&metric=effect&note=%20x%0A ";
    const saved = await create({ runs: [keys[2], keys[0], keys[1], keys[2]], baseline: keys[1], state });
    expect(saved).toMatchObject({ name: "view", note: null, state, baselineIndex: 2, missingRuns: 0 });
    expect(saved.runs).toEqual(
      [2, 0, 1].map((at) => ({
        key: keys[at],
        model: at % 2 ? "other" : "demo",
        task: "country-capital",
        run: { key: keys[at] },
      })),
    );
    const { data } = await platform.graphql<Loose>(
      `{ byName: comparison(id: "view") { ${FIELDS} } byId: comparison(id: "${saved.id}") { ${FIELDS} } none: comparison(id: "no") { id } }`,
    );
    expect(data).toEqual({ byName: saved, byId: saved, none: null });
  });

  it("is changed in part, and keeps the rest", async () => {
    const first = await create({ state: "a", baseline: keys[1] });
    const renamed = await update({ name: "other view", note: "see *L9H8*" });
    expect(renamed).toMatchObject({
      ...first,
      name: "other view",
      note: "see *L9H8*",
      updatedAt: expect.anything(),
    });
    expect(Date.parse(renamed.updatedAt)).toBeGreaterThan(Date.parse(first.updatedAt));
    const id = "other view";
    expect(await update({ id, state: "b", note: null })).toMatchObject({
      state: "b",
      note: null,
      baselineIndex: 1,
    });
    expect(await update({ id, baseline: keys[2] })).toMatchObject({ baselineIndex: 2, state: "b" });
    const replaced = await update({ id, runs: [keys[4], keys[3]] });
    expect([keysOf(replaced), replaced.baselineIndex]).toEqual([[keys[4], keys[3]], 0]);
    expect(await update({ id, runs: [keys[0], keys[3]], baseline: keys[3] })).toMatchObject({
      baselineIndex: 1,
    });
  });

  it("keeps the place of a run that is deleted, and the deletion says so", async () => {
    const { prisma } = platform.services;
    const { id } = await platform.createRun({ settings: { seed: 50, analyses: [] } });
    const { key } = await platform.reaches(id, "SUCCEEDED");
    await create({ runs: [keys[0], id, keys[1]], baseline: id });
    await create({ name: "without it" });
    const deleted = await platform.graphql<Loose>(
      `mutation ($id: ID!) { deleteRun(input: { id: $id }) { deletedId comparisons { name missingRuns } studies { name } } }`,
      { id },
    );
    expect(deleted.data.deleteRun).toEqual({
      deletedId: id,
      comparisons: [{ name: "view", missingRuns: 1 }],
      studies: [],
    });
    const { data } = await platform.graphql<Loose>(`{ comparison(id: "view") { ${FIELDS} } }`);
    expect(data.comparison).toMatchObject({ baselineIndex: 1, missingRuns: 1 });
    expect(data.comparison.runs[1]).toEqual({ key, model: "demo", task: "country-capital", run: null });
    expect(keysOf(data.comparison)).toEqual([keys[0], key, keys[1]]);
    expect(await prisma.comparisonRun.count({ where: { runId: null } })).toBe(1);
  });

  it("is removed, and its runs stay", async () => {
    const { id } = await create();
    expect((await platform.graphql<Loose>(DELETE, { id: "view" })).data.deleteComparison.deletedId).toBe(id);
    expect(await platform.codeOf(DELETE, { id })).toBe("NOT_FOUND");
    const { prisma } = platform.services;
    expect(await prisma.run.count({ where: { key: { in: keys } } })).toBe(5);
    expect(await prisma.comparisonRun.count()).toBe(0);
  });

  it.each([
    ["a name that is taken", CREATE, { name: "view" }, "NAME_TAKEN", /comparison view: there is one/],
    ["no run", CREATE, { runs: [] }, "BAD_USER_INPUT", /1 to 20/],
    ["a run that is none", CREATE, { runs: ["0123456789abcdef"] }, "NOT_FOUND", /run 0123456789abcdef/],
    ["too many runs", CREATE, { runs: Array.from({ length: 21 }, () => "x") }, "BAD_USER_INPUT", /1 to 20/],
    ["a state that is too long", CREATE, { state: "x".repeat(4001) }, "BAD_USER_INPUT", /up to 4000/],
    ["a state that cannot be kept", CREATE, { state: "x\u0000" }, "BAD_USER_INPUT", /in one line/],
    ["a rename to a name that is taken", UPDATE, { id: "second", name: "view" }, "NAME_TAKEN", /view/],
    ["a change of one that is not there", UPDATE, { id: "no" }, "NOT_FOUND", /comparison no/],
  ])("is refused: %s", async (_what, query, change, code, message) => {
    await create();
    await create({ name: "second" });
    const input = query === CREATE ? { name: "third", runs: [keys[0]], ...change } : change;
    const { errors } = await platform.graphql(query, { input });
    expect(errors?.[0]?.message).toMatch(message);
    expect(errors?.[0]?.extensions.code).toBe(code);
    expect(await platform.services.prisma.comparison.count()).toBe(2);
  });

  it("is refused: a baseline that is not among the runs, and then nothing is changed", async () => {
    await create();
    const input = { id: "view", runs: [keys[3]], baseline: keys[0] };
    const { errors } = await platform.graphql(UPDATE, { input });
    expect(errors?.[0]?.message).toMatch(/is not among the runs compared/);
    const { data } = await platform.graphql<Loose>(`{ comparison(id: "view") { ${FIELDS} } }`);
    expect(keysOf(data.comparison)).toEqual(keys.slice(0, 3));
  });
});

it("are listed by name, time and run, in the same few statements whatever their number", async () => {
  for (let i = 0; i < 6; i++)
    await create({ name: `view ${5 - i}`, note: i % 2 ? "odd" : null, runs: [keys[i % 3], keys[4]] });
  await update({ id: "view 3", state: "newer" });
  const LIST = `query ($first: Int, $filter: ComparisonFilter, $orderBy: ComparisonOrder) {
    comparisons(first: $first, filter: $filter, orderBy: $orderBy) { totalCount edges { node { ${FIELDS} } } } }`;
  const list = async (variables: object) => {
    platform.statements.length = 0;
    const { data, errors } = await platform.graphql<Loose>(LIST, variables as never);
    expect(errors).toBeUndefined();
    return {
      names: data.comparisons.edges.map(({ node }: Loose) => node.name.slice(-1)).join(""),
      total: data.comparisons.totalCount,
      statements: platform.statements.length,
    };
  };
  const short = await list({ first: 2 });
  const long = await list({ first: 6 });
  expect([short.names, long.names, short.total]).toEqual(["01", "012345", 6]);
  expect(long.statements).toBe(short.statements);
  expect(long.statements).toBeLessThanOrEqual(5);
  expect((await list({ orderBy: { by: "NAME", direction: "DESC" } })).names).toBe("543210");
  expect((await list({ first: 1, orderBy: { by: "UPDATED", direction: "DESC" } })).names).toBe("3");
  expect(await list({ filter: { text: "ODD" } })).toMatchObject({ names: "024", total: 3 });
  expect(await list({ filter: { run: keys[1] } })).toMatchObject({ names: "14", total: 2 });
  expect(await list({ filter: { run: "no run" } })).toMatchObject({ names: "", total: 0 });
});
