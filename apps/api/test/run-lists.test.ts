import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Prisma } from "../src/generated/prisma/client.ts";
import { type Loose, type TestPlatform, testPlatform } from "./support/platform.ts";
import { storedRuns } from "./support/stored-runs.ts";

let platform: TestPlatform;
/** Of the runs with seeds 0 to 5; null: not observed. */
const VALUES = [0.25, null, 1, 0.5, null, 0.5];

beforeAll(async () => {
  platform = await testPlatform();
  const { prisma } = platform.services;
  const runs = await storedRuns(prisma, platform.models, VALUES.length);
  for (const [seed, { id }] of runs.entries()) {
    const { summary } = await prisma.run.findUniqueOrThrow({ where: { id }, select: { summary: true } });
    const value = VALUES[seed]!;
    const estimate = { value, low: null, high: null, n: 3, reason: null };
    const changed = {
      ...(summary as Prisma.JsonObject),
      top1: estimate,
      probability: estimate,
      topMoverEffect: value === null ? null : estimate,
      r2HeldOut: value,
      finalLayerChange: estimate,
    };
    await prisma.run.update({
      where: { id },
      data: {
        summary: changed,
        startedAt: new Date(1e12),
        finishedAt: value === null ? null : new Date(1e12 + 1000 * value),
      },
    });
  }
});
afterAll(() => platform.stop());

const PAGE = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: RunFilter, $orderBy: RunOrder) {
  runs(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
    totalCount pageInfo { hasNextPage hasPreviousPage endCursor startCursor } edges { node { settings { seed } } } } }`;

async function page(variables: object) {
  const { data, errors } = await platform.graphql<Loose>(PAGE, { ...variables });
  expect(errors).toBeUndefined();
  return { ...data.runs, seeds: data.runs.edges.map(({ node }: Loose) => node.settings.seed) };
}

describe("runs by a number", () => {
  const numbers = ["TOP1", "PROBABILITY", "MOVER_EFFECT", "R2_HELD_OUT", "FINAL_LAYER", "DURATION"];
  it.each(
    numbers.flatMap((by) => [
      [{ by }, [0, 3, 5, 2, 1, 4]],
      [{ by, direction: "DESC" }, [2, 5, 3, 0, 4, 1]],
    ]),
  )("%j: those without one last, each once over all pages, forwards and back", async (orderBy, expected) => {
    const forwards: number[] = [];
    for (let after: string | null = null; ; ) {
      const { seeds, pageInfo }: Loose = await page({ first: 2, after, orderBy });
      forwards.push(...seeds);
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(forwards).toEqual(expected);
    const backwards: number[] = [];
    for (let before: string | null = null; ; ) {
      const { seeds, pageInfo }: Loose = await page({ last: 4, before, orderBy });
      backwards.unshift(...seeds);
      if (!pageInfo.hasPreviousPage) break;
      before = pageInfo.startCursor;
    }
    expect(backwards).toEqual(expected);
  });
});

describe("runs of a study or a time", () => {
  it("are those in its grid, by its id or name", async () => {
    const { data } = await platform.graphql<Loose>(
      `mutation { createStudy(input: { name: "some", models: ["demo"], tasks: ["country-capital"], settings: [{ seed: 0 }, { seed: 70 }] }) {
        study { id cells { edges { node { run { id } } } } } } }`,
    );
    const { id, cells } = data.createStudy.study;
    for (const { node } of cells.edges) await platform.reaches(node.run.id, "SUCCEEDED");
    for (const study of [id, "some"])
      expect((await page({ filter: { study } })).seeds.toSorted()).toEqual([0, 70]);
    expect((await page({ filter: { study: "other" } })).totalCount).toBe(0);
  });

  it("lie from the first moment to before the last", async () => {
    const { data } = await platform.graphql<Loose>(
      `{ runs(first: 3, orderBy: { by: CREATED }) { edges { node { createdAt settings { seed } } } } }`,
    );
    const [first, , third] = data.runs.edges.map(({ node }: Loose) => node);
    const { seeds } = await page({
      filter: { createdFrom: first.createdAt, createdBefore: third.createdAt },
      orderBy: { by: "CREATED" },
    });
    expect(seeds).toEqual([0, 1]);
  });
});
