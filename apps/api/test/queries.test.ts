import { DEFAULT_SETTINGS, type Task } from "@recallscope/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { saveRun } from "../src/runs/save-run.ts";
import { fakeReport } from "./support/fake-report.ts";
import { type Loose, type TestPlatform, testPlatform } from "./support/platform.ts";

let platform: TestPlatform;
const COUNT = 12;
beforeAll(async () => {
  platform = await testPlatform();
  const { prisma } = platform.services;
  const tasks = await prisma.task.findMany({
    where: { current: true, slug: { in: ["country-capital", "country-language"] } },
    orderBy: { slug: "asc" },
  });
  for (let i = 0; i < COUNT; i++) {
    const task = tasks[i % 2]!.content as unknown as Task;
    const settings = { ...DEFAULT_SETTINGS, seed: i, shots: i % 3 };
    const report = fakeReport(i % 4 === 0 ? "other" : "demo", task, settings);
    await saveRun(
      prisma,
      { task, related: [], report },
      { modelsFolder: platform.models, base: platform.models },
    );
  }
});
afterAll(() => platform.stop());

type Page = {
  runs: {
    totalCount: number;
    edges: { cursor: string; node: { settings: { seed: number } } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
  };
};
const PAGE = `query ($first: Int, $after: String, $filter: RunFilter) { runs(first: $first, after: $after, filter: $filter) {
  totalCount pageInfo { hasNextPage endCursor } edges { cursor node { settings { seed } } } } }`;
const seeds = ({ runs }: Page) => runs.edges.map(({ node }) => node.settings.seed);

describe("lists", () => {
  it("page through all runs, newest first, each once", async () => {
    const seen: number[] = [];
    let after: string | null = null;
    do {
      const { data }: { data: Page } = await platform.graphql<Page>(PAGE, { first: 5, after });
      expect(data.runs.totalCount).toBe(COUNT);
      seen.push(...seeds(data));
      after = data.runs.pageInfo.hasNextPage ? data.runs.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(Array.from({ length: COUNT }, (_, i) => COUNT - 1 - i));
  });

  it.each([
    [{ model: "other" }, [8, 4, 0]],
    [{ shots: 2, task: "country-capital" }, [8, 2]],
    [{ text: "LANGUAGE" }, [11, 9, 7, 5, 3, 1]],
    [{ text: "oth" }, [8, 4, 0]],
    [{ status: ["FAILED", "RUNNING"] }, []],
    [{ status: ["SUCCEEDED"], model: "other", shots: 1 }, [4]],
  ])("filter by %j", async (filter, expected) => {
    const { data } = await platform.graphql<Page>(PAGE, { filter });
    expect(seeds(data)).toEqual(expected);
    expect(data.runs.totalCount).toBe(expected.length);
  });

  it("ask the same few SQL statements whatever their length, and never read arrays", async () => {
    const list = async (first: number) => {
      platform.statements.length = 0;
      const { data, errors } = await platform.graphql<Page>(
        `query ($first: Int!) { runs(first: $first) { totalCount edges { node {
          key status model { name summary { layers } } task { slug title } settings { shots seed } summary { topMover top1 { value } } arrays { name shape }
        } } } }`,
        { first },
      );
      expect(errors).toBeUndefined();
      expect(data.runs.edges).toHaveLength(first);
      return [...platform.statements];
    };
    const short = await list(2);
    const long = await list(COUNT);
    expect(long).toHaveLength(short.length);
    expect(long.length).toBeLessThanOrEqual(6);
    expect(long.filter((text) => /"values"/.test(text))).toEqual([]);
    expect(long.filter((text) => /"RunReport"|"Prompt"/.test(text))).toEqual([]);
  });

  it("read several runs' mechanisms in a few statements, for the compare page", async () => {
    const { data } = await platform.graphql<{ runs: { edges: { node: { id: string } }[] } }>(
      `{ runs(first: 4) { edges { node { id } } } }`,
    );
    const ids = data.runs.edges.map(({ node }) => node.id);
    platform.statements.length = 0;
    const { data: nodes, errors } = await platform.graphql<{
      nodes: { argumentPassing: { heads: unknown[] } }[];
    }>(
      `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Run { id model { name } argumentPassing { heads { label effect { value } } } prediction { top1 { value } } } } }`,
      { ids },
    );
    expect(errors).toBeUndefined();
    expect(nodes.nodes.map((node) => node.argumentPassing.heads.length)).toEqual([4, 4, 4, 4]);
    expect(platform.statements.length).toBeLessThanOrEqual(6);
  });

  it("leave a place empty where a node is gone, and find the others", async () => {
    const { data } = await platform.graphql<Loose>(`{ runs(first: 1) { edges { node { id } } } }`);
    const { id } = data.runs.edges[0].node;
    const gone = Buffer.from("Run:01a20899-6960-75d7-ae6e-e2382f210b42").toString("base64url");
    expect(
      await platform.graphql(`query ($ids: [ID!]!) { nodes(ids: $ids) { id } node(id: "${gone}") { id } }`, {
        ids: [gone, id],
      }),
    ).toEqual({ status: 200, data: { nodes: [null, { id }], node: null } });
  });

  it("know models and tasks with their own runs", async () => {
    const { data } = await platform.graphql<Loose>(`{
      models { totalCount edges { node { name source runs(first: 1) { totalCount edges { node { settings { seed } } } } } } }
      tasks { edges { node { slug factCount clauses { text } runs { totalCount } } } }
      none: model(name: "nothing") { id }
      task(slug: "element-symbol") { title facts { subject answer } }
    }`);
    expect(data.models.totalCount).toBe(2);
    expect(data.models.edges[1].node).toMatchObject({
      name: "other",
      source: "BUNDLED",
      runs: { totalCount: 3, edges: [{ node: { settings: { seed: 8 } } }] },
    });
    const slugs = data.tasks.edges.map((edge: Loose) => edge.node.slug);
    expect(slugs).toEqual(expect.arrayContaining(["country-capital", "country-language", "element-symbol"]));
    const capitals = data.tasks.edges.find((edge: Loose) => edge.node.slug === "country-capital");
    expect(capitals.node.runs.totalCount).toBe(6);
    expect(data.none).toBeNull();
    expect(data.task.facts).toContainEqual({ subject: expect.any(String), answer: expect.any(String) });
  });

  it("show real prompts before a run", async () => {
    const { data, errors } =
      await platform.graphql<Loose>(`{ promptPreview(input: { model: "demo", task: "country-capital", first: 2, settings: { shots: 2 } }) {
      promptCount factsAdmitted passes command warnings dropped { reason } prompts { text subject answer tokens subjectStart } } }`);
    expect(errors).toBeUndefined();
    expect(data.promptPreview.prompts).toHaveLength(2);
    expect(data.promptPreview.command).toBe(
      "npx recallscope run --model demo --task country-capital --shots 2",
    );
  });
});

it("keeps what a run asked when the task's file changes later", async () => {
  const { prisma } = platform.services;
  const { storeTask } = await import("../src/tasks/store-task.ts");
  const old = await prisma.task.findFirstOrThrow({ where: { slug: "element-symbol", current: true } });
  const task = old.content as unknown as Task;
  await storeTask(prisma, { ...task, facts: task.facts.slice(0, 5) }, { makeCurrent: true });
  const rows = await prisma.task.findMany({
    where: { slug: "element-symbol" },
    orderBy: { createdAt: "asc" },
  });
  expect(rows.map(({ current }) => current)).toEqual([false, true]);
  const saved = await storeTask(prisma, task, { makeCurrent: false });
  expect(saved).toMatchObject({ id: old.id, current: false });
  await storeTask(prisma, task, { makeCurrent: true });
  expect(await prisma.task.count({ where: { slug: "element-symbol", current: true } })).toBe(1);
});
