import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Loose, type TestPlatform, testPlatform } from "./support/platform.ts";
import { storedRuns } from "./support/stored-runs.ts";

let platform: TestPlatform;
let keys: string[];
beforeAll(async () => {
  platform = await testPlatform();
  keys = (await storedRuns(platform.services.prisma, platform.models, 6)).map(({ key }) => key);
});
afterAll(() => platform.stop());

const TAG = `mutation ($runs: [ID!]!, $add: [String!], $remove: [String!]) {
  tagRuns(input: { runs: $runs, add: $add, remove: $remove }) { runs { key tags } } }`;
const NOTE = `mutation ($runs: [ID!]!, $note: String) { noteRuns(input: { runs: $runs, note: $note }) { runs { key note } } }`;
const SEEDS = `query ($filter: RunFilter) { runs(filter: $filter) { totalCount edges { node { settings { seed } } } } }`;
const seedsOf = async (filter: object) => {
  const { data, errors } = await platform.graphql<Loose>(SEEDS, { filter });
  expect(errors).toBeUndefined();
  return data.runs.edges.map(({ node }: Loose) => node.settings.seed);
};
const messageOf = async (query: string, variables: Record<string, unknown>) =>
  (await platform.graphql(query, variables)).errors?.[0]?.message;

describe("tags", () => {
  it("are added to several runs and taken away again, each once, whatever was there", async () => {
    const tagged = await platform.graphql<Loose>(TAG, {
      runs: [keys[1], keys[0], keys[1]],
      add: ["to  check", " paper ", "paper"],
    });
    expect(tagged.data.tagRuns.runs).toEqual([
      { key: keys[1], tags: ["paper", "to  check"] },
      { key: keys[0], tags: ["paper", "to  check"] },
    ]);
    const changed = await platform.graphql<Loose>(TAG, {
      runs: [keys[0], keys[2]],
      add: ["Paper"],
      remove: ["paper", "never there"],
    });
    expect(changed.data.tagRuns.runs.map(({ tags }: Loose) => [...tags].sort())).toEqual([
      ["Paper", "to  check"],
      ["Paper"],
    ]);
  });

  it("find runs: all of the tags that are asked for", async () => {
    expect(await seedsOf({ tags: ["to  check"] })).toEqual([1, 0]);
    expect(await seedsOf({ tags: ["to  check", "Paper"] })).toEqual([0]);
    expect(await seedsOf({ tags: ["pape"] })).toEqual([]);
    expect(await seedsOf({ tags: [] })).toHaveLength(6);
  });

  it("are listed with their counts, page by page, in either order", async () => {
    const list = async (args: string) => {
      const { data, errors } = await platform.graphql<Loose>(
        `{ tags(${args}) { totalCount pageInfo { hasNextPage endCursor } edges { node { name runCount } } } }`,
      );
      expect(errors).toBeUndefined();
      return data.tags;
    };
    const byCount = await list("orderBy: { by: RUN_COUNT, direction: DESC }, first: 2");
    expect(byCount.totalCount).toBe(3);
    expect(byCount.pageInfo.hasNextPage).toBe(true);
    expect(byCount.edges.map(({ node }: Loose) => node.runCount)).toEqual([2, 2]);
    const rest = await list(
      `orderBy: { by: RUN_COUNT, direction: DESC }, first: 2, after: "${byCount.pageInfo.endCursor}"`,
    );
    expect(rest.edges.map(({ node }: Loose) => node)).toEqual([{ name: "paper", runCount: 1 }]);
    const filtered = await list(`filter: { text: "PAPER" }`);
    expect(filtered.totalCount).toBe(2);
    expect(await list(`filter: { text: "%" }`)).toMatchObject({ totalCount: 0, edges: [] });
  });

  it("lose nothing when many are given at the same moment", async () => {
    const names = Array.from({ length: 8 }, (_, i) => `at once ${i}`);
    await Promise.all(
      names.map((name, i) =>
        platform.graphql(TAG, { runs: i % 2 ? [keys[4], keys[5]] : [keys[5], keys[4]], add: [name] }),
      ),
    );
    const { data } = await platform.graphql<Loose>(`query ($id: ID!) { run(id: $id) { tags } }`, {
      id: keys[5],
    });
    expect(data.run.tags).toEqual(names);
  });

  it("are refused, and then none is given", async () => {
    const many = Array.from({ length: 15 }, (_, i) => `number ${i}`);
    expect(await messageOf(TAG, { runs: [keys[3], keys[5]], add: many })).toMatch(
      new RegExp(`run ${keys[5]}: would have 23 tags \\(allowed: up to 20\\)`),
    );
    expect(await seedsOf({ tags: ["number 0"] })).toEqual([]);
    const missing = { runs: [keys[3], "0123456789abcdef"], add: ["lost"] };
    expect(await platform.codeOf(TAG, missing)).toBe("NOT_FOUND");
    expect(await seedsOf({ tags: ["lost"] })).toEqual([]);
  });

  it.each([
    ["no run", { runs: [], add: ["a"] }, /1 to 500/],
    ["an empty tag", { add: ["  "] }, /1 to 50 characters/],
    ["a long tag", { add: ["a".repeat(51)] }, /1 to 50 characters/],
    ["a comma", { add: ["a,b"] }, /comma/],
    ["a control character", { add: ["a\u0000b"] }, /one line/],
    ["half a character", { add: ["a\ud800b"] }, /one line/],
    ["both at once", { add: ["a"], remove: ["a"] }, /added and removed/],
  ])("refuse %s", async (_what, input, message) => {
    const variables = { runs: [keys[3]], ...input };
    expect(await messageOf(TAG, variables)).toMatch(message);
    expect(await platform.codeOf(TAG, variables)).toBe("BAD_USER_INPUT");
  });
});

describe("notes", () => {
  it("stand on several runs, are found, and can be taken away", async () => {
    const text = "# Odd\n\nLayer 9 looks *inverted*; ask Zoë.";
    const { data } = await platform.graphql<Loose>(NOTE, { runs: [keys[2], keys[4]], note: `  ${text}\n` });
    expect(data.noteRuns.runs).toEqual([keys[2], keys[4]].map((key) => ({ key, note: text })));
    expect(await seedsOf({ text: "looks *INVERTED" })).toEqual([4, 2]);
    await platform.graphql(NOTE, { runs: [keys[2]], note: "  " });
    await platform.graphql(NOTE, { runs: [keys[4]] });
    expect(await seedsOf({ text: "inverted" })).toEqual([]);
    expect(await platform.services.prisma.run.count({ where: { note: { not: null } } })).toBe(0);
  });

  it("are refused when they are too long or cannot be kept", async () => {
    expect(await messageOf(NOTE, { runs: [keys[0]], note: "a".repeat(10_001) })).toMatch(/up to 10000/);
    expect(await messageOf(NOTE, { runs: [keys[0]], note: "a\u0000" })).toMatch(/plain text/);
  });

  it("are no part of a run's key: the run is found again", async () => {
    await platform.graphql(NOTE, { runs: [keys[0]], note: "mine" });
    const again = await platform.createRun({ settings: { seed: 0, analyses: [] } });
    await platform.reaches(again.id, "SUCCEEDED");
    await platform.graphql(NOTE, { runs: [again.id], note: "mine" });
    await platform.graphql(TAG, { runs: [again.id], add: ["mine"] });
    const same = await platform.createRun({ settings: { seed: 0, analyses: [] } });
    expect(same).toMatchObject({ id: again.id, created: false });
  });
});

describe("the list of runs in other orders", () => {
  it.each([
    [{ by: "CREATED", direction: "ASC" }, (a: Loose, b: Loose) => compare(a.createdAt, b.createdAt)],
    [{ by: "MODEL" }, (a: Loose, b: Loose) => compare(a.model.name, b.model.name)],
    [{ by: "MODEL", direction: "DESC" }, (a: Loose, b: Loose) => compare(b.model.name, a.model.name)],
    [{ by: "TASK", direction: "DESC" }, (a: Loose, b: Loose) => compare(b.task.slug, a.task.slug)],
    [{ by: "STATUS" }, (a: Loose, b: Loose) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status)],
    [{ by: "FINISHED" }, (a: Loose, b: Loose) => compare(end(a), end(b))],
    [{ by: "FINISHED", direction: "DESC" }, (a: Loose, b: Loose) => compare(end(b), end(a))],
  ])("by %j, each once over all pages", async (orderBy, inOrder) => {
    const { prisma } = platform.services;
    const { taskId, modelId } = await prisma.run.findFirstOrThrow();
    if ((await prisma.run.count({ where: { status: "FAILED" } })) === 0)
      for (const status of ["FAILED", "CANCELLED", "CANCELLED"] as const)
        await prisma.run.create({
          data: {
            key: "k",
            requestKey: "k",
            status,
            taskId,
            modelId,
            shots: 0,
            seed: 99,
            knownFilter: "TOP1",
            leadIns: 1,
            bootstrapSamples: 100,
          },
        });
    const seen: Loose[] = [];
    for (let after: string | null = null; ; ) {
      const { data, errors }: Loose = await platform.graphql(
        `query ($after: String, $orderBy: RunOrder) { runs(first: 2, after: $after, orderBy: $orderBy) {
          pageInfo { hasNextPage endCursor } edges { node { id status createdAt finishedAt model { name } task { slug } } } } }`,
        { after, orderBy },
      );
      expect(errors).toBeUndefined();
      seen.push(...data.runs.edges.map(({ node }: Loose) => node));
      if (!data.runs.pageInfo.hasNextPage) break;
      after = data.runs.pageInfo.endCursor;
    }
    expect(new Set(seen.map(({ id }) => id)).size).toBe(await prisma.run.count());
    expect(seen).toHaveLength(await prisma.run.count());
    expect(seen).toEqual([...seen].sort(inOrder));
  });
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  const end = ({ finishedAt }: { finishedAt: string | null }) => finishedAt ?? "later than any";
  const ORDER = ["QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"];
});

it("shows the people's own words of a list of runs in the same few statements whatever its length", async () => {
  const list = async (first: number) => {
    platform.statements.length = 0;
    const { data, errors } = await platform.graphql<Loose>(
      `query ($first: Int!) { runs(first: $first) { totalCount edges { node { key tags note createdBy studies { name } } } } }`,
      { first },
    );
    expect(errors).toBeUndefined();
    expect(data.runs.edges).toHaveLength(first);
    return platform.statements.length;
  };
  const { data } = await platform.graphql<Loose>(
    `mutation { createStudy(input: { name: "some", models: ["demo"], tasks: ["country-capital"], settings: [{ seed: 70, analyses: [] }, { seed: 71, analyses: [] }] }) {
      study { cells { edges { node { run { id } } } } } } }`,
  );
  // Their computation would ask the store meanwhile.
  for (const { node } of data.createStudy.study.cells.edges) await platform.reaches(node.run.id, "SUCCEEDED");
  const short = await list(2);
  expect(await list(6)).toBe(short);
  expect(short).toBeLessThanOrEqual(6);
});
