import { DEFAULT_SETTINGS, type Task } from "@recallscope/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { saveRun } from "../src/runs/save-run.ts";
import { fakeReport } from "./support/fake-report.ts";
import { type Loose, type TestPlatform, testPlatform } from "./support/platform.ts";

let platform: TestPlatform;

async function store(model: string, slug: string, seed: number, change: (report: Loose) => void) {
  const { prisma } = platform.services;
  const { content } = await prisma.task.findFirstOrThrow({ where: { slug, current: true } });
  const task = content as unknown as Task;
  const report = structuredClone(fakeReport(model, task, { ...DEFAULT_SETTINGS, seed }));
  change(report);
  const places = { modelsFolder: platform.models, base: platform.models };
  return saveRun(prisma, { task, related: [], report }, places);
}
const known = (report: Loose, shares: number[]) => {
  report.task.sufficient = true;
  for (const [index, share] of shares.entries())
    Object.assign(report.task.facts[index], { knownShare: share, known: share >= 0.5 });
};

beforeAll(async () => {
  platform = await testPlatform();
  await store("demo", "country-capital", 1, (report) => {
    known(report, [0, 0, 0]);
    report.argumentPassing.movers = ["L0H0"];
  });
  // The same key again: the newest counts.
  await store("demo", "country-capital", 1, (report) => {
    known(report, [1, 0.5, 0.25]);
    report.argumentPassing.movers = ["L1H1", "L0H1"];
    report.receipt.seconds = 20;
  });
  await store("demo", "element-symbol", 2, (report) => {
    known(report, [1, 1, 1]);
    report.argumentPassing.movers = ["L1H1"];
    report.receipt.seconds = 40;
  });
  // Too few known facts: no witness for movers.
  await store("demo", "country-language", 3, (report) => {
    report.argumentPassing.movers = ["L1H0"];
  });
  await store("other", "country-capital", 4, (report) => known(report, [1, 0, 0]));
});
afterAll(() => platform.stop());

const ask = async (query: string, variables = {}) => {
  const { data, errors } = await platform.graphql<Loose>(query, variables);
  expect(errors).toBeUndefined();
  return data;
};

describe("what is known of a model over its runs", () => {
  it("are the heads that move again and again: of each key the newest run, with enough known facts", async () => {
    const { recurringHeads } = await ask(
      `{ recurringHeads(model: "demo") { runs tasks heads { label runs tasks } } }`,
    );
    expect(recurringHeads).toEqual({
      runs: 2,
      tasks: 2,
      heads: [
        { label: "L1H1", runs: 2, tasks: ["country-capital", "element-symbol"] },
        { label: "L0H1", runs: 1, tasks: ["country-capital"] },
      ],
    });
    expect(await platform.codeOf(`{ recurringHeads(model: "none") { runs } }`)).toBe("NOT_FOUND");
  });

  it("are its hook points, and why others are missing", async () => {
    const { model } = await ask(
      `{ model(name: "demo") { summary { hookPoints { name inEachBlock dims editable reads absent } } } }`,
    );
    const points = model.summary.hookPoints;
    expect(points.find(({ name }: Loose) => name === "blocks.{l}.attn.hook_z")).toEqual({
      name: "blocks.{l}.attn.hook_z",
      inEachBlock: true,
      dims: ["head", "d_head"],
      editable: true,
      reads: null,
      absent: null,
    });
    expect(points.filter(({ absent }: Loose) => absent !== null).map(({ name }: Loose) => name)).toEqual([
      "blocks.{l}.ln1_post.hook_scale",
    ]);
  });

  it("is told while it is opened", async () => {
    const opening = platform
      .subscribe<Loose>(`subscription { modelOpening(name: " demo ") { name message done total } }`)
      [Symbol.asyncIterator]();
    const first = opening.next();
    const { inspect } = platform.engine;
    platform.engine.inspect = async (model, options) => {
      // Until the subscription listens, nobody would hear it.
      for (let done = 0; done < 40; done++) {
        options?.onProgress?.({ step: "open", done: 5, total: 9, fraction: 0, message: "Download a" });
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      return inspect(model, options);
    };
    await ask(`mutation { addModel(input: { name: "demo" }) { model { name } } }`);
    platform.engine.inspect = inspect;
    expect((await first).value.data.modelOpening).toEqual({
      name: "demo",
      message: "Download a",
      done: 5,
      total: 9,
    });
    await opening.return?.();
  });
});

describe("what is known of a task over its runs", () => {
  it("is the newest run of each model and shots, and its facts, the hardest first", async () => {
    const { taskResults } = await ask(
      `{ taskResults(task: "country-capital") { runs { model { name } settings { seed } } facts { asked known shares subject } } }`,
    );
    expect(taskResults.runs).toEqual([
      { model: { name: "demo" }, settings: { seed: 1 } },
      { model: { name: "other" }, settings: { seed: 4 } },
    ]);
    expect(taskResults.facts.map(({ asked, known, shares }: Loose) => ({ asked, known, shares }))).toEqual([
      { asked: 2, known: 0, shares: [0.25, 0] },
      { asked: 2, known: 1, shares: [0.5, 0] },
      { asked: 2, known: 2, shares: [1, 1] },
    ]);
    expect(await platform.codeOf(`{ taskResults(task: "none") { facts { asked } } }`)).toBe("TASK_NOT_FOUND");
  });

  it("is how a tokenizer cuts its facts, each once", async () => {
    const { taskTokens, task } = await ask(
      `{ task(slug: "country-capital") { factCount } taskTokens(model: "demo", task: "country-capital") { facts { subject subjectTokens answerToken } dropped { reason } } }`,
    );
    expect(taskTokens.facts).toHaveLength(task.factCount);
    expect(taskTokens.facts[0].subjectTokens).toEqual(["The"]);
  });
});

describe("what a run would cost", () => {
  const PREVIEW = `query ($settings: RunSettingsInput) {
    promptPreview(input: { model: "demo", task: "country-capital", settings: $settings }) { passes memory time { seconds fastest slowest runs } } }`;

  it("is what earlier runs of the model took for each pass", async () => {
    const { promptPreview } = await ask(PREVIEW);
    const { prisma } = platform.services;
    const rates: number[] = [];
    for (const run of await prisma.run.findMany({
      where: { model: { name: "demo" } },
      include: { prompts: { select: { index: true } }, report: true },
    })) {
      const { pairs, layers, headsPerLayer } = run.report!.argumentPassing as Loose;
      const passes = run.prompts.length + pairs * (2 + 2 * layers * headsPerLayer);
      rates.push((run.receipt as Loose).seconds / passes);
    }
    rates.sort((a, b) => a - b);
    expect(rates).toHaveLength(4);
    const { passes, time, memory } = promptPreview;
    expect(time.runs).toBe(4);
    expect(time.fastest).toBeCloseTo(rates[0]! * passes, 9);
    expect(time.slowest).toBeCloseTo(rates[3]! * passes, 9);
    expect(time.seconds).toBeCloseTo(((rates[1]! + rates[2]!) / 2) * passes, 9);
    expect(memory).toBeGreaterThan(1e9);
  });

  it("is not known where no such run has finished", async () => {
    for (const settings of [{ shots: 3 }, { analyses: [] }, { sweepPrompts: 2 }])
      expect((await ask(PREVIEW, { settings })).promptPreview.time).toBeNull();
  });
});

it("counts what waits by the priority of its runs", async () => {
  platform.engine.stepMs = 400;
  const first = await platform.createRun({ settings: { seed: 90, analyses: [] } });
  await platform.reaches(first.id, "RUNNING");
  const waiting = [
    await platform.createRun({ priority: "LOW", settings: { seed: 91, analyses: [] } }),
    await platform.createRun({ priority: "HIGH", settings: { seed: 92, analyses: [] } }),
  ];
  const { queue } = await ask(`{ queue { waiting active dead byPriority { priority waiting active } } }`);
  expect(queue).toEqual({
    waiting: 2,
    active: 1,
    dead: 0,
    byPriority: [
      { priority: "HIGH", waiting: 1, active: 0 },
      { priority: "NORMAL", waiting: 0, active: 1 },
      { priority: "LOW", waiting: 1, active: 0 },
    ],
  });
  platform.engine.stepMs = 5;
  for (const { id } of waiting) await platform.reaches(id, "SUCCEEDED");
});
