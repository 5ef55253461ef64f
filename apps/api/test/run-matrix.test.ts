import { DEFAULT_SETTINGS, type Task } from "@recallscope/engine";
import { afterAll, beforeAll, expect, it } from "vitest";
import { COMPUTED_COLUMNS } from "../src/database/computed-columns.ts";
import { saveRun } from "../src/runs/save-run.ts";
import { fakeReport } from "./support/fake-report.ts";
import { type Loose, type TestPlatform, testPlatform } from "./support/platform.ts";

let platform: TestPlatform;
/** Ids by name. */
const stored: Record<string, string> = {};
const FEW = { ...DEFAULT_SETTINGS, shots: 2, analyses: ["trajectories", "joint-effect"].sort() as never[] };

beforeAll(async () => {
  platform = await testPlatform();
  const { prisma } = platform.services;
  const save = async (name: string, model: string, slug: string, settings = DEFAULT_SETTINGS) => {
    const { content } = await prisma.task.findFirstOrThrow({ where: { slug, current: true } });
    const task = content as unknown as Task;
    const report = fakeReport(model, task, settings);
    const places = { modelsFolder: platform.models, base: platform.models };
    stored[name] = (await saveRun(prisma, { task, related: [], report }, places)).id;
  };
  await save("demo capitals", "demo", "country-capital");
  await save("other capitals", "other", "country-capital");
  await save("demo languages", "demo", "country-language");
  await save("demo capitals few", "demo", "country-capital", FEW);
  await save("seed 8", "demo", "country-capital", { ...DEFAULT_SETTINGS, seed: 8 });
  // A later attempt at the same cell that failed, and one that is waiting where nothing has finished.
  const { id: _, ...first } = await prisma.run.findUniqueOrThrow({
    where: { id: stored["demo capitals"]! },
    omit: { summary: true, receipt: true, ...COMPUTED_COLUMNS },
  });
  const again = (more: object) => prisma.run.create({ data: { ...first, finishedAt: null, ...more } });
  await again({ status: "FAILED" });
  const elements = await prisma.task.findFirstOrThrow({ where: { slug: "element-symbol", current: true } });
  await again({ status: "FAILED", taskId: elements.id });
  stored.waiting = (await again({ status: "QUEUED", taskId: elements.id })).id;
  await again({ status: "CANCELLED", taskId: elements.id });
});
afterAll(() => platform.stop());

const QUERY = `query ($settings: RunSettingsInput) { runMatrix(settings: $settings) {
  settings { shots seed analyses } settingsInUse { runs settings { shots seed } }
  models { name } tasks { slug } runs { id status model { name } task { slug } } } }`;
const matrix = async (settings?: object): Promise<Loose> => {
  const { data, errors } = await platform.graphql<Loose>(QUERY, { settings });
  expect(errors).toBeUndefined();
  return data.runMatrix;
};
const plainIds = ({ runs }: Loose) =>
  runs.map(({ id }: Loose) => Buffer.from(id, "base64url").toString().slice("Run:".length)).sort();
const named = (...names: string[]) => names.map((name) => stored[name]!).sort();

it("has one run per model and task: a finished one before one that waits, that before one that ended badly", async () => {
  const most = await matrix();
  expect(most.settings.shots).toBe(DEFAULT_SETTINGS.shots);
  expect(plainIds(most)).toEqual(named("demo capitals", "other capitals", "demo languages", "waiting"));
  expect(most.models.map(({ name }: Loose) => name)).toEqual(expect.arrayContaining(["demo", "other"]));
  const slugs = most.tasks.map(({ slug }: Loose) => slug);
  expect(slugs).toEqual([...slugs].sort());
  expect(slugs).toEqual(expect.arrayContaining(["country-capital", "element-symbol"]));
});

it("tells the ways of asking apart, the most usual first", async () => {
  expect((await matrix()).settingsInUse).toEqual([
    { runs: 7, settings: { shots: 0, seed: 1 } },
    { runs: 1, settings: { shots: 0, seed: 8 } },
    { runs: 1, settings: { shots: 2, seed: 1 } },
  ]);
  expect(plainIds(await matrix({ seed: 8 }))).toEqual(named("seed 8"));
  expect(plainIds(await matrix({ shots: 2, analyses: FEW.analyses }))).toEqual(named("demo capitals few"));
  expect(plainIds(await matrix({ shots: 2, analyses: [] }))).toEqual([]);
});
