import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestPlatform, testPlatform } from "./support/platform.ts";
import { storedRuns } from "./support/stored-runs.ts";

const SQL = new URL("../../../prisma/migrations/20261127210000_headline_r2/migration.sql", import.meta.url);

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.stop());

it("lists of older stores get the R² of all heads, from what each run's report says", async () => {
  const { prisma } = platform.services;
  const [kept, without] = await storedRuns(prisma, platform.models, 2);
  const [{ id }, { id: bare }] = [kept!, without!];
  const before = await prisma.run.findUniqueOrThrow({ where: { id } });
  const old = { ...(before.summary as object), r2HeldOut: 0.4 };
  await prisma.run.updateMany({ where: { id: { in: [id, bare] } }, data: { summary: old } });
  await prisma.runReport.update({
    where: { runId: bare },
    data: { mlpActivation: { headlineLayer: null, decompositions: [] } },
  });
  await prisma.$executeRawUnsafe(await readFile(SQL, "utf8"));
  const after = await prisma.run.findUniqueOrThrow({ where: { id } });
  expect(after.summary).toEqual(before.summary);
  expect(after.r2HeldOut).toBe(0.3);
  const nothing = await prisma.run.findUniqueOrThrow({ where: { id: bare } });
  expect(nothing.summary).toEqual({ ...old, r2HeldOut: null });
  expect(nothing.r2HeldOut).toBeNull();
});
