import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { COMPUTED_COLUMNS } from "../src/database/computed-columns.ts";
import { isOfRun } from "../src/jobs/bus.ts";
import { type Loose, type TestPlatform, testPlatform } from "./support/platform.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.stop());

const PRUNE = `mutation ($input: PruneStoreInput!) { pruneStore(input: $input) { dryRun runs keptTagged keptNamed events } }`;
const prune = async (input: object) => {
  const { data, errors } = await platform.graphql<Loose>(PRUNE, { input });
  expect(errors).toBeUndefined();
  return data.pruneStore;
};
const DAY_MS = 24 * 3600 * 1000;
const ago = (days: number) => new Date(Date.now() - days * DAY_MS);

let seed = 0;
/** A finished run that ended so long ago. @returns its id of the store */
async function run(days: number, changes: object = {}): Promise<string> {
  const { id, key } = await platform.createRun({ settings: { seed: seed++, analyses: [] } });
  await platform.reaches(id, "SUCCEEDED");
  const plain = Buffer.from(id, "base64url").toString().split(":")[1]!;
  await platform.services.prisma.run.update({
    where: { id: plain },
    data: { finishedAt: ago(days), ...changes },
  });
  expect(key).toBeTruthy();
  return plain;
}
const left = async () =>
  new Set((await platform.services.prisma.run.findMany({ select: { id: true } })).map(({ id }) => id));

beforeEach(async () => {
  const { prisma } = platform.services;
  await prisma.comparison.deleteMany();
  await prisma.study.deleteMany();
  await prisma.run.deleteMany();
});

it("removes runs that ended before, whole, and no others", async () => {
  const { prisma, bus } = platform.services;
  const [old, young, failed, tagged] = [
    await run(91),
    await run(89),
    await run(200, { status: "FAILED" }),
    await run(91, { tags: ["paper"] }),
  ];
  const waiting = await run(300, { status: "QUEUED", finishedAt: null, createdAt: ago(300) });
  const study = await platform.graphql<Loose>(
    `mutation { createStudy(input: { name: "kept", models: ["demo"], tasks: ["country-capital"], settings: [{ seed: 900, analyses: [] }] }) { study { id } } }`,
  );
  expect(study.errors).toBeUndefined();
  const cell = await prisma.studyCell.findFirstOrThrow();
  await expect
    .poll(async () => (await prisma.run.findUnique({ where: { id: cell.runId! } }))?.status, {
      timeout: 20_000,
    })
    .toBe("SUCCEEDED");
  await prisma.run.update({ where: { id: cell.runId! }, data: { finishedAt: ago(500) } });
  const everything = await left();

  const expected = { runs: 2, keptTagged: 1, keptNamed: 1, events: 0 };
  expect(await prune({ olderThanDays: 90 })).toEqual({ dryRun: true, ...expected });
  expect(await left()).toEqual(everything);

  const gone: string[] = [];
  const stop = bus.listen((event) => isOfRun(event) && event.kind === "deleted" && gone.push(event.runId));
  expect(await prune({ olderThanDays: 90, dryRun: false })).toEqual({ dryRun: false, ...expected });
  stop();
  expect(await left()).toEqual(new Set([young, tagged, waiting, cell.runId!]));
  expect(gone.sort()).toEqual([old, failed].sort());
  for (const table of ["runReport", "prompt", "runArray"] as const)
    expect(await (prisma[table].count as (query: object) => Promise<number>)({ where: { runId: old } })).toBe(
      0,
    );
  expect(await prisma.runReport.count({ where: { runId: young } })).toBe(1);

  expect(await prune({ olderThanDays: 90, keepTagged: false, dryRun: false })).toMatchObject({
    runs: 1,
    keptNamed: 1,
  });
  expect(await left()).toEqual(new Set([young, waiting, cell.runId!]));
});

it("goes through more runs than one transaction takes", async () => {
  const { prisma } = platform.services;
  const row = await prisma.run.findUniqueOrThrow({
    where: { id: await run(400) },
    omit: { id: true, ...COMPUTED_COLUMNS },
  });
  await prisma.run.createMany({ data: Array.from({ length: 120 }, () => row) as never });
  expect(await prune({ olderThanDays: 365, dryRun: false })).toMatchObject({ runs: 121 });
  expect(await left()).toEqual(new Set());
});

it("removes events only when asked to, and writes down that it did", async () => {
  const { prisma } = platform.services;
  await prisma.auditEvent.createMany({
    data: [
      { actor: "old", action: "createRun", outcome: "OK", at: ago(400) },
      { actor: "young", action: "createRun", outcome: "OK", at: ago(300) },
    ],
  });
  expect(await prune({ olderThanDays: 365, dryRun: false })).toMatchObject({ events: 0 });
  expect(await prune({ olderThanDays: 365, events: true })).toMatchObject({ events: 1 });
  expect(await prisma.auditEvent.count({ where: { actor: "old" } })).toBe(1);
  expect(await prune({ olderThanDays: 365, events: true, dryRun: false })).toMatchObject({ events: 1 });
  expect(await prisma.auditEvent.count({ where: { actor: "old" } })).toBe(0);
  expect(await prisma.auditEvent.count({ where: { actor: "young" } })).toBe(1);
  const { subject } = await prisma.auditEvent.findFirstOrThrow({
    where: { action: "pruneStore" },
    orderBy: { id: "desc" },
  });
  expect(subject).toBe("dryRun=false events=true olderThanDays=365");
});

it.each([0, -1, 36_501])("refuses %i days", async (olderThanDays) => {
  expect(await platform.codeOf(PRUNE, { input: { olderThanDays } })).toBe("BAD_USER_INPUT");
});
