import { EngineError, relatedTasks, type Task } from "@recallscope/engine";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { fakeReport } from "./support/fake-report.ts";
import { type Loose, type TestPlatform, testPlatform } from "./support/platform.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.stop());
afterEach(() =>
  Object.assign(platform.engine, { steps: 4, stepMs: 5, failure: null, change: (r: unknown) => r }),
);

let seed = 100;
/** A run that nobody asked for before. */
const fresh = () => ({ settings: { seed: seed++ } });

describe("a run", () => {
  it("goes from the mutation over live progress to typed results", async () => {
    Object.assign(platform.engine, { steps: 5, stepMs: 300 });
    const { id, created } = await platform.createRun(fresh());
    expect(created).toBe(true);
    type Event = {
      runProgress: { status: string; progress: { fraction: number; stepTitle: string } | null };
    };
    const events: Event["runProgress"][] = [];
    for await (const { data } of platform.subscribe<Event>(
      `subscription ($id: ID!) { runProgress(id: $id) { id status progress { fraction stepTitle stepIndex stepCount } } }`,
      { id },
    ))
      events.push(data!.runProgress);
    const fractions = events.flatMap(({ progress }) => (progress ? [progress.fraction] : []));
    expect(fractions.length).toBeGreaterThan(2);
    expect(fractions).toEqual(fractions.toSorted());
    expect(events.some(({ progress }) => progress?.stepTitle.startsWith("Measure facts"))).toBe(true);
    expect(events.at(-1)).toMatchObject({ status: "SUCCEEDED", progress: null });

    const { data, errors } = await platform.graphql<{ run: Loose }>(ALL_FIELDS, { id });
    expect(errors).toBeUndefined();
    const { run } = data;
    expect(run.summary).toMatchObject({
      topMover: "L1H1",
      moverCount: 1,
      r2HeldOut: 0.3,
      suppression: "OBSERVED",
    });
    expect(run.receipt).toMatchObject({
      modelName: "demo",
      onnxruntime: "1.30.0",
      model: { bosPrepended: false },
    });
    expect(run.receipt.command).toMatch(
      /^npx recallscope run --model demo --task country-capital --shots 0 --seed \d+$/,
    );
    expect(run.model.summary.selfCheck.passed).toBe(true);
    expect(run.taskReport.facts).toHaveLength(3);
    expect(run.prediction.lens.states[0].point).toBe("PRE");
    expect(run.prediction.lens.answer.medianRank).toEqual([null]);
    expect(run.prediction.directLogitAttribution.components[0].kind).toBe("ATTN_BIAS");
    expect(run.argumentPassing.heads.map((head: { label: string }) => head.label)).toEqual([
      "L1H1",
      "L1H0",
      "L0H1",
    ]);
    expect(run.argumentPassing.all[0].noising).toEqual({ value: null, reason: "no pair" });
    expect(run.mlpActivation.decompositions).toMatchObject([
      { regressors: "R2", weights: [{ verdict: "NO_EVIDENCE" }] },
    ]);
    expect(run.functionApplication.intercepts[0].top[0].text).toBe(" Paris");
    expect(run.finalLayer.sweeps[0]).toMatchObject({ target: "JOINT", points: [{ alpha: 0 }, { alpha: 1 }] });
    expect(run.arrays).toEqual([{ name: "effects", unit: "effect", shape: [2, 2] }]);
    expect(run.array.values[1]).toBeNull();
    expect(run.array.values[3]).toBeCloseTo(3.4028234e38, -32);
    expect(run.missing).toBeNull();
    expect(run.prompts.totalCount).toBe(4);
    expect(run.prompts.edges[0].node).toMatchObject({
      subject: "China",
      tokenTexts: ["The", "\u0000", "\ud800"],
    });
    expect(run.warnings).toEqual(["only 2 facts are known"]);
  });

  it("is answered from the store when it is asked for again, unless forced", async () => {
    const request = fresh();
    const first = await platform.createRun(request);
    const waiting = await platform.createRun(request);
    expect(waiting).toMatchObject({ id: first.id, created: false });
    await platform.reaches(first.id, "SUCCEEDED");
    const begun = platform.engine.begun;
    const again = await platform.createRun(request);
    expect(again).toMatchObject({ id: first.id, created: false });
    expect(platform.engine.begun).toBe(begun);
    const forced = await platform.createRun({ ...request, force: true });
    expect(forced.created).toBe(true);
    expect(forced.id).not.toBe(first.id);
    await platform.reaches(forced.id, "SUCCEEDED");
    expect((await platform.createRun(request)).id).toBe(forced.id);
    const other = await platform.createRun({ ...request, model: "other" });
    expect(other.created).toBe(true);
  });

  it("is made once when many ask for it at the same moment", async () => {
    const request = fresh();
    const answers = await Promise.all(Array.from({ length: 8 }, () => platform.createRun(request)));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
  });

  it("fails with the engine's code and message, and can be asked for again", async () => {
    platform.engine.failure = new EngineError("NO_KNOWN_FACTS", "task: the model knows none of 3 facts");
    const request = fresh();
    const { id } = await platform.createRun(request);
    expect(await platform.reaches(id, "FAILED", "SUCCEEDED")).toMatchObject({
      status: "FAILED",
      error: { code: "NO_KNOWN_FACTS", message: "task: the model knows none of 3 facts" },
    });
    platform.engine.failure = null;
    const second = await platform.createRun(request);
    expect(second.created).toBe(true);
    await platform.reaches(second.id, "SUCCEEDED");
  });

  it("remembers of a model why it could not be opened", async () => {
    platform.engine.failure = new EngineError("BAD_WEIGHTS", "tensor wte is cut off");
    const { id } = await platform.createRun({ model: "other", ...fresh() });
    await platform.reaches(id, "FAILED");
    const model = async () =>
      (
        await platform.graphql<{ model: unknown }>(
          `{ model(name: "other") { summary { layers } error { code } } }`,
        )
      ).data;
    expect(await model()).toEqual({ model: { summary: null, error: { code: "BAD_WEIGHTS" } } });
    platform.engine.failure = null;
    await platform.graphql(`mutation { addModel(input: { name: "other" }) { model { id } } }`);
    expect(await model()).toEqual({ model: { summary: { layers: 2 }, error: null } });
  });

  it("is not stored when it holds a number that would be read as not observed", async () => {
    platform.engine.change = (report) => ({
      ...report,
      prediction: { ...report.prediction, chance: Number.NaN },
    });
    const { id } = await platform.createRun(fresh());
    const run = await platform.reaches(id, "FAILED", "SUCCEEDED");
    expect(run.error).toMatchObject({
      code: "ENGINE_FAILED",
      message: expect.stringContaining("report.prediction.chance"),
    });
  });
});

describe("cancelling", () => {
  const CANCEL = `mutation ($id: ID!) { cancelRun(input: { id: $id }) { run { status } } }`;

  it("stops a running run within a second, and nothing of it is stored", async () => {
    Object.assign(platform.engine, { steps: 200, stepMs: 50 });
    const aborted = platform.engine.aborted;
    const { id } = await platform.createRun(fresh());
    await platform.reaches(id, "RUNNING");
    const asked = Date.now();
    const { data } = await platform.graphql<{ cancelRun: unknown }>(CANCEL, { id });
    expect(data.cancelRun).toEqual({ run: { status: "CANCELLED" } });
    while (platform.engine.aborted === aborted) {
      expect(Date.now() - asked).toBeLessThan(1000);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(await platform.codeOf(CANCEL, { id })).toBe("RUN_NOT_ACTIVE");
    const { data: after } = await platform.graphql<{ run: unknown }>(
      `query ($id: ID!) { run(id: $id) { status summary { factsKnown } prompts { totalCount } finishedAt } }`,
      { id },
    );
    expect(after.run).toMatchObject({ status: "CANCELLED", summary: null, prompts: { totalCount: 0 } });
  });

  it("stops a waiting run, and lets the one behind it begin", async () => {
    Object.assign(platform.engine, { steps: 10, stepMs: 50 });
    const [a, b, c] = [
      await platform.createRun(fresh()),
      await platform.createRun(fresh()),
      await platform.createRun(fresh()),
    ];
    await platform.graphql(CANCEL, { id: b!.id });
    await platform.reaches(c!.id, "SUCCEEDED");
    expect((await platform.reaches(a!.id, "SUCCEEDED")).status).toBe("SUCCEEDED");
    expect((await platform.reaches(b!.id, "CANCELLED")).status).toBe("CANCELLED");
    const { data } = await platform.graphql<{ run: { startedAt: string | null } }>(
      `query ($id: ID!) { run(id: $id) { startedAt } }`,
      { id: b!.id },
    );
    expect(data.run.startedAt).toBeNull();
  });

  it("computes one run at a time", async () => {
    Object.assign(platform.engine, { steps: 20, stepMs: 50 });
    const [a, b] = [await platform.createRun(fresh()), await platform.createRun(fresh())];
    await platform.reaches(a.id, "RUNNING");
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect((await platform.reaches(b.id, "QUEUED", "RUNNING")).status).toBe("QUEUED");
    await platform.graphql(CANCEL, { id: a.id });
    await platform.graphql(CANCEL, { id: b.id });
  });
});

describe("deleting", () => {
  const DELETE = `mutation ($id: ID!) { deleteRun(input: { id: $id }) { deletedId } }`;

  it("removes a finished run with all its numbers", async () => {
    const { id } = await platform.createRun(fresh());
    await platform.reaches(id, "SUCCEEDED");
    const { prisma } = platform.services;
    const before = await prisma.prompt.count();
    expect((await platform.graphql<{ deleteRun: unknown }>(DELETE, { id })).data.deleteRun).toEqual({
      deletedId: id,
    });
    expect(await prisma.prompt.count()).toBe(before - 6);
    expect(
      (await platform.graphql<{ run: unknown }>(`query ($id: ID!) { run(id: $id) { id } }`, { id })).data.run,
    ).toBeNull();
    expect(await platform.codeOf(DELETE, { id })).toBe("NOT_FOUND");
  });

  it("stops a running run and ends its subscription", async () => {
    Object.assign(platform.engine, { steps: 200, stepMs: 50 });
    const aborted = platform.engine.aborted;
    const { id } = await platform.createRun(fresh());
    await platform.reaches(id, "RUNNING");
    const events = platform.subscribe(`subscription ($id: ID!) { runProgress(id: $id) { status } }`, { id });
    await events.next();
    await platform.graphql(DELETE, { id });
    for await (const _ of events);
    await expect.poll(() => platform.engine.aborted).toBe(aborted + 1);
  });
});

it("tells lists of each run's changes of status, and of nothing else", async () => {
  Object.assign(platform.engine, { steps: 10, stepMs: 100 });
  const changes = platform.subscribe<{ runChanged: { id: string; status: string } }>(
    `subscription { runChanged { id status } }`,
  );
  const seen: { id: string; status: string }[] = [];
  const reading = (async () => {
    for await (const { data } of changes) {
      seen.push(data!.runChanged);
      if (data!.runChanged.status === "SUCCEEDED") break;
    }
  })();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const { id } = await platform.createRun(fresh());
  await reading;
  expect(new Set(seen.map((change) => change.id))).toEqual(new Set([id]));
  expect(seen.map(({ status }) => status)).toEqual(expect.arrayContaining(["RUNNING", "SUCCEEDED"]));
  expect(seen.length).toBeLessThanOrEqual(4);
});

it("serves whole reports by id and by key, as JSON", async () => {
  const { id, key } = await platform.createRun(fresh());
  const finished = await platform.reaches(id, "SUCCEEDED");
  const { prisma } = platform.services;
  const row = await prisma.task.findFirstOrThrow({ where: { slug: "country-capital" } });
  const tasks = (await prisma.task.findMany()).map(({ content }) => content as never as Task);
  for (const name of [id, key, finished.key]) {
    const response = await fetch(`${platform.url}/runs/${name}/report.json`);
    expect(response.status).toBe(200);
    const report = (await response.json()) as ReturnType<typeof fakeReport>;
    const expected = fakeReport(
      "demo",
      row.content as never,
      report.receipt.settings,
      relatedTasks(row.content as never, tasks),
    );
    expect(report).toEqual({
      ...JSON.parse(JSON.stringify(expected)),
      receipt: { ...expected.receipt, seconds: expect.any(Number) },
      further: {},
      arrays: [{ ...expected.arrays[0], values: [expect.closeTo(0.1), null, 0, expect.any(Number)] }],
    });
  }
  expect((await fetch(`${platform.url}/runs/0123456789abcdef/report.json`)).status).toBe(404);
  Object.assign(platform.engine, { steps: 100, stepMs: 20 });
  const running = await platform.createRun(fresh());
  expect((await fetch(`${platform.url}/runs/${running.id}/report.json`)).status).toBe(409);
  await platform.graphql(`mutation ($id: ID!) { cancelRun(input: { id: $id }) { run { id } } }`, {
    id: running.id,
  });
});

const ALL_FIELDS = `query ($id: ID!) { run(id: $id) {
  id key status createdAt startedAt finishedAt warnings
  model { name summary { selfCheck { passed } } }
  task { slug facts { subject } }
  settings { shots seed knownFilter leadIns bootstrapSamples }
  summary { topMover moverCount r2HeldOut suppression topMoverEffect { value low high n } }
  receipt { modelName onnxruntime command startedAt model { bosPrepended } settings { seed } }
  taskReport { facts { subject known } dropped { reason } candidates { text answers } }
  prediction {
    top1 { value } chance
    lens { states { label point } answer { medianRank probability { reason } } }
    directLogitAttribution { completenessError components { label kind answer { value } } }
  }
  argumentPassing { pairs heads(orderBy: EFFECT, first: 3) { label rankLow effect { value } } all: heads { label noising { value reason } } }
  mlpActivation { decompositions(regressors: R2) { regressors r2HeldOut weights { verdict } } }
  functionApplication { intercepts { top { text candidate } pValue } }
  finalLayer { suppression sweeps { target points { alpha probability { value } } } temperature { best } }
  arrays { name unit shape }
  array(name: "effects") { axes { dim labels } values }
  missing: array(name: "nothing") { values }
  prompts(first: 2, known: true) { totalCount edges { node { index subject answer tokenTexts fullAnswerTop1 topTokens { text } } } }
} }`;
