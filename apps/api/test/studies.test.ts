import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Loose, type TestPlatform, testPlatform } from "./support/platform.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
  // The fake engine's models all have the same weights, and would share their runs.
  platform.engine.change = (report) => {
    const { model } = report.receipt;
    const weightHash = model.name === "other" ? "b".repeat(64) : model.weightHash;
    return { ...report, receipt: { ...report.receipt, model: { ...model, weightHash } } };
  };
});
afterAll(() => platform.stop());

const CREATE = `mutation ($input: CreateStudyInput!) { createStudy(input: $input) { created queued found study { id name } } }`;
const EXTEND = `mutation ($input: ExtendStudyInput!) { extendStudy(input: $input) { created queued found study { id progress { total } } } }`;
const RETRY = `mutation ($id: ID!) { retryStudy(input: { id: $id }) { queued found } }`;
const UPDATE = `mutation ($input: UpdateStudyInput!) { updateStudy(input: $input) { study { name note } } }`;
const DELETE = `mutation ($id: ID!) { deleteStudy(input: { id: $id }) { deletedId } }`;
const PROGRESS = `progress { total missing queued running succeeded failed cancelled fraction }`;
const GRID = `query ($id: ID!) { study(id: $id) { models { name } tasks { slug } settings { shots } ${PROGRESS}
  cells(first: 500) { totalCount edges { node { modelIndex taskIndex settingsIndex model { name } task { slug } settings { shots }
    run { id status model { name } task { slug } settings { shots seed } } } } } } }`;

/** Settings that no other test uses. */
let seed = 100;
const fresh = (...shots: number[]) => {
  seed++;
  return shots.map((each) => ({ shots: each, seed, analyses: [] }));
};
const two = { models: ["demo", "other"], tasks: ["country-capital", "country-language"] };
const create = async (input: object) => {
  const { data, errors } = await platform.graphql<Loose>(CREATE, { input });
  expect(errors).toBeUndefined();
  return data.createStudy;
};
const grid = async (id: string) => {
  const { data, errors } = await platform.graphql<Loose>(GRID, { id });
  expect(errors).toBeUndefined();
  const cells = data.study.cells.edges.map(({ node }: Loose) => node);
  return { ...data.study, cells };
};
const finished = async (id: string) => {
  for (const { run } of (await grid(id)).cells)
    if (run) await platform.reaches(run.id, "SUCCEEDED", "FAILED", "CANCELLED");
  return grid(id);
};
const messageOf = async (query: string, variables: Record<string, unknown>) =>
  (await platform.graphql(query, variables)).errors?.[0]?.message;

describe("a study", () => {
  it("runs every cell of its grid, and finds those that the store has", async () => {
    const settings = fresh(0, 2);
    const known = await platform.createRun({ model: "other", settings: settings[1] });
    const made = await create({ name: "whole", ...two, settings });
    expect(made).toMatchObject({ created: true, queued: 7, found: 1, study: { name: "whole" } });
    const study = await finished("whole");
    expect(study.models.map(({ name }: Loose) => name)).toEqual(["demo", "other"]);
    expect(study.tasks.map(({ slug }: Loose) => slug)).toEqual(["country-capital", "country-language"]);
    expect(study.settings.map(({ shots }: Loose) => shots)).toEqual([0, 2]);
    expect(study.progress).toEqual({
      total: 8,
      missing: 0,
      queued: 0,
      running: 0,
      succeeded: 8,
      failed: 0,
      cancelled: 0,
      fraction: 1,
    });
    const places = study.cells.map((cell: Loose) => [cell.modelIndex, cell.taskIndex, cell.settingsIndex]);
    expect(places).toEqual([...places].sort((a, b) => a.join().localeCompare(b.join())));
    for (const { model, task, settings: own, run, ...cell } of study.cells) {
      expect(run).toMatchObject({ status: "SUCCEEDED", model, task, settings: { ...own, seed } });
      expect([model.name, task.slug, own.shots]).toEqual([
        study.models[cell.modelIndex].name,
        study.tasks[cell.taskIndex].slug,
        study.settings[cell.settingsIndex].shots,
      ]);
    }
    expect(study.cells.map(({ run }: Loose) => run.id)).toContain(known.id);
    expect(new Set(study.cells.map(({ run }: Loose) => run.id)).size).toBe(8);
  });

  it("is made once when it is asked for twice, and refuses another grid under its name", async () => {
    const input = { name: "twice", models: ["demo"], tasks: ["country-capital"], settings: fresh(0, 1) };
    const made = await Promise.all([create(input), create(input), create(input)]);
    expect(new Set(made.map(({ study }) => study.id)).size).toBe(1);
    expect(made.filter(({ created }) => created)).toHaveLength(1);
    expect(made.reduce((sum, { queued }) => sum + queued, 0)).toBe(2);
    const repeated = { ...input, settings: [...input.settings, ...input.settings].reverse() };
    expect(await create(repeated)).toMatchObject({ created: false, queued: 0 });
    expect(await messageOf(CREATE, { input: { ...input, tasks: ["country-language"] } })).toMatch(
      /study twice: there is one of this name/,
    );
    expect(await platform.codeOf(CREATE, { input: { ...input, models: ["other"] } })).toBe("NAME_TAKEN");
    await finished("twice");
  });

  it("grows on every side, and keeps what it has", async () => {
    const settings = fresh(0);
    await create({ name: "grows", models: ["demo"], tasks: ["country-capital"], settings });
    const [before] = (await finished("grows")).cells;
    const extend = async (input: object) =>
      (await platform.graphql<Loose>(EXTEND, { input: { id: "grows", ...input } })).data.extendStudy;
    expect(await extend({ models: ["other", "demo"], tasks: ["element-symbol"] })).toMatchObject({
      created: false,
      queued: 3,
      found: 0,
      study: { progress: { total: 4 } },
    });
    expect(await extend({ settings: [{ ...settings[0], shots: 3 }] })).toMatchObject({ queued: 4, found: 0 });
    expect(await extend({ settings, models: ["demo"] })).toMatchObject({ queued: 0, found: 0 });
    const study = await finished("grows");
    expect(study.progress).toMatchObject({ total: 8, succeeded: 8 });
    expect(study.cells[0]).toEqual(before);
    expect(study.settings.map(({ shots }: Loose) => shots)).toEqual([0, 3]);
  });

  it("loses nothing when two people extend it at the same moment", async () => {
    const settings = fresh(0, 1);
    await create({ name: "both", models: ["demo"], tasks: ["country-capital"], settings: [settings[0]] });
    const answers = await Promise.all(
      [{ models: ["other"] }, { tasks: ["country-language"] }, { settings: [settings[1]] }].map((input) =>
        platform.graphql<Loose>(EXTEND, { input: { id: "both", ...input } }),
      ),
    );
    expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
    expect((await finished("both")).progress).toMatchObject({ total: 8, missing: 0, succeeded: 8 });
  });

  it("shows what failed and what is missing, and makes it again on request", async () => {
    platform.engine.failure = new Error("out of memory");
    await create({ name: "retried", ...two, settings: fresh(0) });
    const { cells } = await finished("retried");
    platform.engine.failure = null;
    const { prisma } = platform.services;
    const plain = await prisma.run.findMany({ where: { seed }, orderBy: { id: "asc" } });
    await prisma.run.update({ where: { id: plain[1]!.id }, data: { status: "CANCELLED" } });
    await platform.graphql(`mutation ($id: ID!) { deleteRun(input: { id: $id }) { deletedId } }`, {
      id: cells[2].run.id,
    });
    expect((await grid("retried")).progress).toMatchObject({ missing: 1, failed: 2, cancelled: 1 });
    const some = await platform.graphql<Loose>(
      `{ study(id: "retried") { failed: cells(status: [FAILED]) { totalCount } missing: cells(missing: true) { totalCount edges { node { run { id } model { name } task { slug } } } } } }`,
    );
    expect(some.data.study).toEqual({
      failed: { totalCount: 2 },
      missing: {
        totalCount: 1,
        edges: [{ node: { run: null, model: { name: "other" }, task: { slug: "country-capital" } } }],
      },
    });
    expect((await platform.graphql<Loose>(RETRY, { id: "retried" })).data.retryStudy).toEqual({
      queued: 4,
      found: 0,
    });
    expect((await finished("retried")).progress).toMatchObject({ total: 4, succeeded: 4, fraction: 1 });
    expect((await platform.graphql<Loose>(RETRY, { id: "retried" })).data.retryStudy).toEqual({
      queued: 0,
      found: 0,
    });
  });

  it("asks the version of a task that it was made with, also after that one was replaced", async () => {
    const { prisma } = platform.services;
    const { storeTask } = await import("../src/tasks/store-task.ts");
    await create({ name: "old", models: ["demo"], tasks: ["element-symbol"], settings: fresh(1) });
    const [cell] = (await finished("old")).cells;
    const row = await prisma.task.findFirstOrThrow({ where: { slug: "element-symbol", current: true } });
    const task = row.content as Loose;
    await storeTask(prisma, { ...task, facts: task.facts.slice(1) }, { makeCurrent: true });
    await platform.graphql(`mutation ($id: ID!) { deleteRun(input: { id: $id }) { deletedId } }`, {
      id: cell.run.id,
    });
    await platform.graphql(RETRY, { id: "old" });
    await finished("old");
    const run = await prisma.run.findFirstOrThrow({ where: { seed }, select: { taskId: true } });
    expect(run.taskId).toBe(row.id);
    await storeTask(prisma, task, { makeCurrent: true });
  });

  it("is renamed, noted, found and removed; its runs stay", async () => {
    const { study } = await create({
      name: "before",
      models: ["demo"],
      tasks: ["country-capital"],
      settings: fresh(0),
    });
    const { cells } = await finished("before");
    const changed = await platform.graphql<Loose>(UPDATE, {
      input: { id: study.id, name: " after ", note: "for the *paper*" },
    });
    expect(changed.data.updateStudy.study).toEqual({ name: "after", note: "for the *paper*" });
    const kept = await platform.graphql<Loose>(UPDATE, { input: { id: "after" } });
    expect(kept.data.updateStudy.study).toEqual({ name: "after", note: "for the *paper*" });
    expect(await platform.codeOf(UPDATE, { input: { id: "after", name: "whole" } })).toBe("NAME_TAKEN");
    const lists = await platform.graphql<Loose>(
      `query ($run: ID!) { byRun: studies(filter: { run: $run }) { edges { node { name } } }
        byText: studies(filter: { text: "PAPER" }) { totalCount edges { node { name } } }
        names: studies(first: 2, orderBy: { by: NAME }) { edges { node { name } } }
        node(id: "${study.id}") { ... on Study { name createdBy } } run(id: $run) { studies { name } } }`,
      { run: cells[0].run.id },
    );
    expect(lists.data).toEqual({
      byRun: { edges: [{ node: { name: "after" } }] },
      byText: { totalCount: 1, edges: [{ node: { name: "after" } }] },
      names: { edges: [{ node: { name: "after" } }, { node: { name: "both" } }] },
      node: { name: "after", createdBy: null },
      run: { studies: [{ name: "after" }] },
    });
    expect((await platform.graphql<Loose>(DELETE, { id: "after" })).data.deleteStudy.deletedId).toBe(
      study.id,
    );
    expect(await platform.codeOf(DELETE, { id: "after" })).toBe("NOT_FOUND");
    expect((await platform.graphql<Loose>(`{ study(id: "after") { name } }`)).data.study).toBeNull();
    expect(await platform.reaches(cells[0].run.id, "SUCCEEDED")).toBeDefined();
  });
});

it("is named once by a run that stands in two of its cells", async () => {
  const { prisma } = platform.services;
  const { study } = await create({ name: "shared", ...two, settings: fresh(5) });
  const [{ run }] = (await finished("shared")).cells;
  const { id: plain } = await prisma.run.findFirstOrThrow({ where: { seed }, orderBy: { id: "asc" } });
  const { count } = await prisma.studyCell.updateMany({
    where: { study: { name: "shared" } },
    data: { runId: plain },
  });
  const { data } = await platform.graphql<Loose>(`query ($id: ID!) { run(id: $id) { studies { id } } }`, {
    id: run.id,
  });
  expect([count, data.run.studies]).toEqual([4, [{ id: study.id }]]);
});

describe("a request for a study is refused", () => {
  const input = { name: "refused", models: ["demo"], tasks: ["country-capital"] };
  it.each([
    ["without a model", { models: [] }, "BAD_USER_INPUT", /models: allowed are 1 to 500/],
    ["with a model that is none", { models: ["demo", "no"] }, "MODEL_NOT_FOUND", /demo, other/],
    ["with a task that is none", { tasks: ["no"] }, "TASK_NOT_FOUND", /country-capital/],
    ["with wrong settings", { settings: [{ shots: 9 }] }, "BAD_USER_INPUT", /0 to 8/],
    ["with an empty name", { name: " " }, "BAD_USER_INPUT", /study name: allowed are 1 to 200/],
    [
      "for too large a grid",
      { models: ["demo", "other"], settings: Array.from({ length: 251 }, (_, at) => ({ seed: 1000 + at })) },
      "BAD_USER_INPUT",
      /2 models x 1 tasks x 251 settings are 502 runs \(allowed: up to 500\)/,
    ],
  ])("%s, and nothing is stored", async (_what, change, code, message) => {
    const { prisma } = platform.services;
    const before = [await prisma.study.count(), await prisma.run.count(), await prisma.model.count()];
    const variables = { input: { ...input, ...change } };
    expect(await messageOf(CREATE, variables)).toMatch(message);
    expect(await platform.codeOf(CREATE, variables)).toBe(code);
    expect([await prisma.study.count(), await prisma.run.count(), await prisma.model.count()]).toEqual(
      before,
    );
  });

  it.each([
    ["extendStudy", EXTEND, { input: { id: "none", models: ["demo"] } }],
    ["retryStudy", RETRY, { id: "none" }],
    ["updateStudy", UPDATE, { input: { id: "none", name: "x" } }],
  ])("%s of one that is not there", async (_what, query, variables) => {
    expect(await platform.codeOf(query, variables)).toBe("NOT_FOUND");
  });

  it("settings that nobody can compute do not hold up the others", async () => {
    const [plain] = fresh(0);
    const settings = [{ ...plain, precision: "F16" }, plain];
    const answer = await platform.graphql(CREATE, { input: { name: "half", ...two, settings } });
    expect(answer.errors?.[0]).toMatchObject({
      message: expect.stringMatching(
        /^precision F16: .*; all cells with these settings are missing from the study/,
      ),
      extensions: { code: "DEVICE_UNUSABLE" },
    });
    const { progress, cells } = await finished("half");
    expect(progress).toMatchObject({ total: 8, missing: 4, succeeded: 4 });
    for (const { settingsIndex, run } of cells) expect(run === null).toBe(settingsIndex === 0);
  });

  it("one model that has gone does not hold up the others", async () => {
    const { rename } = await import("node:fs/promises");
    await create({ name: "gone", ...two, settings: fresh(4) });
    await finished("gone");
    await rename(`${platform.models}/demo`, `${platform.models}/moved`);
    try {
      const answer = await platform.graphql(EXTEND, {
        input: { id: "gone", tasks: ["element-symbol"] },
      });
      expect(answer.errors?.[0]).toMatchObject({
        message: expect.stringMatching(/demo.*this model's cells are missing from the study/),
        extensions: { code: "MODEL_NOT_FOUND" },
      });
    } finally {
      await rename(`${platform.models}/moved`, `${platform.models}/demo`);
    }
    expect((await finished("gone")).progress).toMatchObject({ total: 6, missing: 1, succeeded: 5 });
    await platform.graphql(RETRY, { id: "gone" });
    expect((await finished("gone")).progress).toMatchObject({ missing: 0, succeeded: 6 });
  });
});

it("is read in a few statements, whatever its size and however many there are", async () => {
  const count = async (query: string, variables: Record<string, unknown> = {}) => {
    platform.statements.length = 0;
    const { errors } = await platform.graphql<Loose>(query, variables);
    expect(errors).toBeUndefined();
    return platform.statements.length;
  };
  const small = await count(GRID, { id: "old" });
  const large = await count(GRID, { id: "whole" });
  expect(large).toBe(small);
  const LIST = `query ($first: Int!) { studies(first: $first) { totalCount edges { node { name createdBy ${PROGRESS} models { name } tasks { slug } settings { shots } } } } }`;
  const short = await count(LIST, { first: 2 });
  const long = await count(LIST, { first: 6 });
  expect(long).toBe(short);
  expect(large).toBeLessThanOrEqual(15);
  expect(long).toBeLessThanOrEqual(9);
});

it("is followed by its subscribers: progress, new cells, and its end", async () => {
  const settings = fresh(0, 1);
  await create({ name: "live", models: ["demo"], tasks: ["country-capital"], settings: [settings[0]] });
  const seen: Loose[] = [];
  const stream = platform.subscribe<Loose>(
    `subscription ($id: ID!) { studyProgress(id: $id) { name ${PROGRESS} } }`,
    {
      id: "live",
    },
  );
  const following = (async () => {
    for await (const { data } of stream) seen.push(data?.studyProgress);
  })();
  const until = async (what: (study: Loose) => boolean) => {
    for (const end = Date.now() + 20_000; Date.now() < end; ) {
      if (seen.some(what)) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`not seen in ${JSON.stringify(seen)}`);
  };
  await until(({ progress }) => progress.total === 1 && progress.succeeded === 1);
  await platform.graphql(EXTEND, { input: { id: "live", settings: [settings[1]] } });
  await until(({ progress }) => progress.total === 2 && progress.succeeded === 2);
  await platform.graphql(DELETE, { id: "live" });
  await following;
  expect(
    await platform.subscribe(`subscription { studyProgress(id: "live") { name } }`).next(),
  ).toMatchObject({
    value: { errors: [{ extensions: { code: "NOT_FOUND" } }] },
  });
});
