import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Task } from "@recallscope/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../src/env.ts";
import { loadTasks } from "../src/tasks/load-tasks.ts";
import { codeOf, type GuardedPlatform, guardedPlatform } from "./support/guarded-platform.ts";
import type { Loose } from "./support/platform.ts";

let platform: GuardedPlatform;
beforeAll(async () => {
  platform = await guardedPlatform();
});
afterAll(() => platform.stop());

const REPORT = `report { factsRead factsKept clausesRead clausesKept dropped { rule meaning where what because } changed { rule from to } notes }`;
const READ = `format tasks { name outcome refused ${REPORT} draft { slug title version clauses { text relation } shot facts { subject answer } }
  task { slug version origin createdBy current factCount } } stray { factsRead dropped { rule where } }`;
const IMPORT = `mutation ($input: TaskFileInput!) { importTask(input: $input) { ${READ} } }`;
const CHECK = `query ($input: TaskFileInput!) { checkTask(input: $input) { ${READ} } }`;
const DELETE = `mutation ($slug: String!) { deleteTask(input: { slug: $slug }) { deletedSlug keptVersions } }`;
const LIST = `query ($filter: TaskFilter, $orderBy: TaskOrder) { tasks(first: 100, filter: $filter, orderBy: $orderBy) {
  totalCount edges { node { slug title version origin createdBy } } } }`;

type Who = keyof GuardedPlatform["secrets"];
const ask = (who: Who, query: string, variables: Record<string, unknown>) =>
  platform.ask(platform.secrets[who], query, variables);
const importAs = async (who: Who, input: object): Promise<Loose> => {
  const { data, errors } = await ask(who, IMPORT, { input });
  expect(errors).toBeUndefined();
  return data.importTask;
};
const refusal = async (query: string, input: object, who: Who = "WRITE") => {
  const { errors } = await ask(who, query, { input });
  return [errors?.[0]?.extensions.code, errors?.[0]?.message];
};

const MASCOTS = "subject,answer\nNorth,Otter\nSouth,Heron\nEast,Badger\n";
const CLAUSES = ["the mascot of {subject} is the"];
const csv = (slug: string, rows = "") => ({ text: MASCOTS + rows, slug, clauses: CLAUSES });
const json = (id: string, change: Partial<Task> = {}): { text: string } => ({
  text: JSON.stringify({
    id,
    title: `Title of ${id}`,
    relation: "mascot",
    version: 1,
    domain: "sports",
    licence: "CC0-1.0",
    source: "made up",
    clauses: [{ id: "a", text: "the mascot of {subject} is the", relation: "mascot" }],
    shot: "The mascot of {subject} is the {answer}.",
    facts: [
      { subject: "North", answer: "Otter" },
      { subject: "South", answer: "Heron" },
    ],
    ...change,
  }),
});

describe("a file", () => {
  it("is checked without storing anything, and shows what would be left out and why", async () => {
    const rows = `"Up, North",\n  West  ,Lynx\nWest,Lynx\nBoth,A\nBoth,B\n{x},C\n`;
    const { data, errors } = await ask("READ", CHECK, {
      input: { ...csv("mascots", rows), title: "Mascots" },
    });
    expect(errors).toBeUndefined();
    const [one] = data.checkTask.tasks;
    expect(data.checkTask.format).toBe("CSV");
    expect(one).toMatchObject({
      name: "mascots",
      outcome: "NEW",
      refused: null,
      task: null,
      draft: {
        slug: "mascots",
        title: "Mascots",
        version: 1,
        clauses: [{ text: "the mascot of {subject} is the", relation: "mascot" }],
        shot: "The mascot of {subject} is the {answer}.",
        facts: [
          { subject: "North", answer: "Otter" },
          { subject: "South", answer: "Heron" },
          { subject: "East", answer: "Badger" },
          { subject: "West", answer: "Lynx" },
        ],
      },
      report: { factsRead: 9, factsKept: 4, clausesRead: 1, clausesKept: 1 },
    });
    expect(one.report.dropped.map(({ rule, where }: Loose) => `${rule} ${where}`).sort()).toEqual([
      "braces line 10",
      "duplicate line 7",
      "no-answer line 5",
      "several-answers line 8",
      "several-answers line 9",
    ]);
    expect(one.report.dropped[0].meaning).toMatch(/ /);
    expect(one.report.changed).toContainEqual({ rule: "whitespace", from: "  West  ", to: "West" });
    expect(await platform.services.prisma.task.count({ where: { slug: "mascots" } })).toBe(0);
  });

  it.each([
    ["JSON", json("own-json"), 2],
    ["CSV", { ...csv("own-csv"), text: MASCOTS.replaceAll(",", ";"), format: "CSV" }, 3],
    [
      "LRE",
      {
        text: JSON.stringify({
          name: "own lre",
          prompt_templates: ["The mascot of {} is the"],
          samples: [
            { subject: "North", object: "Otter" },
            { subject: "South", object: "Heron" },
            { subject: "lost" },
          ],
        }),
      },
      2,
    ],
    [
      "JSON",
      {
        text: `{"facts":[{"subject":"A","answer":"Lima"},{"subject":"B","answer":"Oslo"}]}`,
        slug: "own-like",
        like: "country-capital",
      },
      2,
    ],
  ])("of the form %s becomes a task that runs can ask", async (format, input, facts) => {
    const { format: found, tasks } = await importAs("WRITE", input);
    expect([found, tasks.length]).toEqual([format, 1]);
    expect(tasks[0]).toMatchObject({
      outcome: "NEW",
      task: { version: 1, origin: "USER", createdBy: "WRITE", current: true, factCount: facts },
    });
    const { slug } = tasks[0].task;
    const run = await ask(
      "WRITE",
      `mutation ($task: String!) { createRun(input: { model: "demo", task: $task }) { run { id task { slug factCount } } } }`,
      { task: slug },
    );
    expect(run.data.createRun.run.task).toEqual({ slug, factCount: facts });
    const again = await importAs("WRITE", input);
    expect(again.tasks[0]).toMatchObject({ outcome: "UNCHANGED", task: tasks[0].task });
    expect(await platform.services.prisma.task.count({ where: { slug } })).toBe(1);
  });

  it("of CounterFact becomes a task for each relation; what is refused does not hold up the others", async () => {
    const record = (relation: string, prompt: string, subject: string, answer: string) => ({
      requested_rewrite: { prompt, relation_id: relation, subject, target_true: { str: answer } },
    });
    const text = JSON.stringify([
      record("P36", "The capital of {} is", "Northland", "Otterville"),
      record("P36", "The capital of {} is", "Southland", "Heronville"),
      record("P37", "The language of {} is", "Northland", "Northish"),
      { nothing: 1 },
    ]);
    const { format, tasks, stray } = await importAs("WRITE", { text });
    expect([format, stray]).toEqual([
      "COUNTERFACT",
      { factsRead: 1, dropped: [{ rule: "not-a-fact", where: "[3]" }] },
    ]);
    expect(tasks.map(({ name, outcome, refused }: Loose) => [name, outcome, refused])).toEqual([
      ["counterfact-p36", "NEW", null],
      ["counterfact-p37", "REFUSED", expect.stringMatching(/1 facts are left/)],
    ]);
    const events = await platform.services.prisma.auditEvent.findMany({
      where: { action: "importTask" },
      orderBy: { id: "desc" },
      take: 1,
    });
    expect(events[0]).toMatchObject({ actor: "WRITE", outcome: "OK", subject: "slug=counterfact-p36" });
  });

  it.each([
    ["bundled", json("country-capital"), "TASK_REFUSED", /country-capital: comes with this copy/],
    ["without facts", { ...csv("few"), text: "subject,answer\n" }, "TASK_REFUSED", /0 facts are left/],
    [
      "without a slug",
      { text: MASCOTS, clauses: CLAUSES },
      "BAD_INPUT",
      /what the task is called.*give it an id/,
    ],
    ["of no form", { text: "{", slug: "x" }, "BAD_INPUT", /not JSON|JSON/],
    ["like no task", { ...csv("x"), like: "no" }, "TASK_NOT_FOUND", /no not found/],
    ["with a wrong slug", csv("No Slug"), "BAD_USER_INPUT", /small letters and digits/],
    [
      "with a slug that is too long",
      json("a".repeat(101)),
      "TASK_REFUSED",
      /101 characters \(allowed: up to 100\)/,
    ],
    [
      "that is too long",
      { ...csv("x"), text: "x".repeat(200_001) },
      "BAD_USER_INPUT",
      /1 to 200000 characters/,
    ],
    ["that is empty", { ...csv("x"), text: "" }, "BAD_USER_INPUT", /1 to 200000/],
    [
      "with too many facts",
      csv("x", Array.from({ length: 2000 }, (_, i) => `s${i},a${i}`).join("\n")),
      "TASK_REFUSED",
      /2003 facts \(allowed: up to 2000\)/,
    ],
    [
      "with too many clauses",
      json("x", {
        clauses: Array.from({ length: 51 }, (_, i) => ({
          id: `${i}`,
          text: `q${i} {subject} is`,
          relation: "q",
        })),
      }),
      "TASK_REFUSED",
      /51 clauses \(allowed: up to 50\)/,
    ],
    ["that the database cannot hold", json("x", { title: "a\u0000b" }), "TASK_REFUSED", /nobody sees/],
    ["with half a character", json("x", { source: "a\ud800b" }), "TASK_REFUSED", /nobody sees/],
  ])("is refused: %s", async (_what, input, code, message) => {
    const { prisma } = platform.services;
    const before = await prisma.task.count();
    const [found, text] = await refusal(IMPORT, input);
    expect(text).toMatch(message);
    expect(found).toBe(code);
    expect(await prisma.task.count()).toBe(before);
  });

  it("may be imported by many at the same moment: each content is one version", async () => {
    const inputs = Array.from({ length: 6 }, (_, i) => csv("at-once", i % 2 ? "West,Lynx\n" : ""));
    await Promise.all(inputs.map((input) => importAs("WRITE", input)));
    const rows = await platform.services.prisma.task.findMany({ where: { slug: "at-once" } });
    expect(rows.map(({ content }) => (content as unknown as Task).version).sort()).toEqual([1, 2]);
    expect(rows.filter(({ current }) => current)).toHaveLength(1);
  });
});

describe("an own task", () => {
  it("gets a new version by another content, and an old one back by its content", async () => {
    const { prisma } = platform.services;
    await importAs("WRITE", csv("versions"));
    const run = await ask(
      "WRITE",
      `mutation { createRun(input: { model: "demo", task: "versions" }) { run { id } } }`,
      {},
    );
    const more = { ...csv("versions"), text: `${MASCOTS}West,Lynx\n` };
    const checked = await ask("WRITE", CHECK, { input: more });
    expect(checked.data.checkTask.tasks[0]).toMatchObject({ outcome: "NEW_VERSION", draft: { version: 2 } });
    const second = await importAs("WRITE", more);
    expect(second.tasks[0]).toMatchObject({ outcome: "NEW_VERSION", task: { version: 2, current: true } });
    const asked = await ask(
      "READ",
      `query ($id: ID!) { run(id: $id) { task { version current factCount } } task(slug: "versions") { version factCount } }`,
      { id: run.data.createRun.run.id },
    );
    expect(asked.data).toEqual({
      run: { task: { version: 1, current: false, factCount: 3 } },
      task: { version: 2, factCount: 4 },
    });
    const back = await importAs("WRITE", csv("versions"));
    expect(back.tasks[0]).toMatchObject({ outcome: "NEW_VERSION", task: { version: 1, current: true } });
    expect(await prisma.task.count({ where: { slug: "versions" } })).toBe(2);
    expect((await importAs("WRITE", csv("versions", "Far,Fox\n"))).tasks[0].task.version).toBe(3);
    const retold = await importAs("WRITE", { ...csv("versions", "Far,Fox\n"), title: "Other title" });
    expect(retold.tasks[0].outcome).toBe("UNCHANGED");
    expect((await prisma.task.findFirstOrThrow({ where: { slug: "versions", current: true } })).title).toBe(
      "Other title",
    );
  });

  it("is changed and removed by who made it, or by an admin", async () => {
    await importAs("WRITE", csv("owned"));
    expect(await refusal(IMPORT, csv("owned", "West,Lynx\n"), "OTHER")).toEqual([
      "TASK_REFUSED",
      expect.stringMatching(/belongs to somebody else, and to change it takes the role admin, or another id/),
    ]);
    expect(codeOf(await ask("OTHER", DELETE, { slug: "owned" }))).toBe("FORBIDDEN");
    expect((await importAs("ADMIN", csv("owned", "West,Lynx\n"))).tasks[0].task.version).toBe(2);
    expect((await ask("ADMIN", DELETE, { slug: "owned" })).data.deleteTask.keptVersions).toBe(0);
    await importAs("OTHER", csv("owned"));
    expect((await ask("OTHER", DELETE, { slug: "owned" })).data.deleteTask).toEqual({
      deletedSlug: "owned",
      keptVersions: 0,
    });
  });

  it("leaves the list when it is removed; versions that were asked stay with their runs", async () => {
    const { prisma } = platform.services;
    await importAs("WRITE", csv("removed"));
    const made = await ask(
      "WRITE",
      `mutation { createRun(input: { model: "demo", task: "removed" }) { run { id } } }`,
      {},
    );
    await importAs("WRITE", csv("removed", "West,Lynx\n"));
    expect((await ask("WRITE", DELETE, { slug: "removed" })).data.deleteTask.keptVersions).toBe(1);
    const seen = await ask(
      "READ",
      `query ($id: ID!) { task(slug: "removed") { id } run(id: $id) { task { slug version current } } }`,
      { id: made.data.createRun.run.id },
    );
    expect(seen.data).toEqual({ task: null, run: { task: { slug: "removed", version: 1, current: false } } });
    expect(codeOf(await ask("WRITE", DELETE, { slug: "removed" }))).toBe("TASK_NOT_FOUND");
    expect((await importAs("WRITE", csv("removed"))).tasks[0]).toMatchObject({
      outcome: "NEW",
      task: { version: 1 },
    });
    expect(await prisma.task.count({ where: { slug: "removed" } })).toBe(1);
  });

  it("stays while a run names it as a related task, or a study has it in its grid", async () => {
    const { prisma } = platform.services;
    const places = Array.from({ length: 9 }, (_, i) => ({ subject: `Place ${i}`, answer: `Beast${i}` }));
    await importAs("WRITE", json("related-a", { facts: places }));
    await importAs(
      "WRITE",
      json("related-b", { facts: places.map(({ subject }, i) => ({ subject, answer: `Tree${i}` })) }),
    );
    const made = await ask(
      "WRITE",
      `mutation { createRun(input: { model: "demo", task: "related-a", settings: { analyses: ["trajectories"] } }) { run { id } } }`,
      {},
    );
    expect(made.errors).toBeUndefined();
    const run = await prisma.run.findFirstOrThrow({ where: { task: { slug: "related-a" } } });
    expect(run.related).toHaveLength(1);
    expect((await ask("WRITE", DELETE, { slug: "related-b" })).data.deleteTask.keptVersions).toBe(1);
    await ask(
      "WRITE",
      `mutation { createStudy(input: { name: "uses", models: ["demo"], tasks: ["own-csv"] }) { queued } }`,
      {},
    );
    await prisma.run.deleteMany({ where: { task: { slug: "own-csv" } } });
    expect((await ask("WRITE", DELETE, { slug: "own-csv" })).data.deleteTask.keptVersions).toBe(1);
  });

  it("is never related to a bundled task, whose runs are the same with and without it", async () => {
    const { prisma } = platform.services;
    const bundled = (
      await prisma.task.findFirstOrThrow({ where: { slug: "country-capital", current: true } })
    ).content as unknown as Task;
    const createRun = () =>
      ask(
        "WRITE",
        `mutation { createRun(input: { model: "demo", task: "country-capital", settings: { seed: 900, analyses: ["trajectories"] } }) { created run { id } } }`,
        {},
      );
    const first = await createRun();
    await importAs(
      "WRITE",
      json("country-beast", {
        facts: bundled.facts.map(({ subject }, i) => ({ subject, answer: `Beast${i}` })),
      }),
    );
    expect((await createRun()).data.createRun).toEqual({ created: false, run: first.data.createRun.run });
    await ask(
      "WRITE",
      `mutation { createRun(input: { model: "demo", task: "country-beast", settings: { analyses: ["trajectories"] } }) { created } }`,
      {},
    );
    const own = await prisma.run.findFirstOrThrow({ where: { task: { slug: "country-beast" } } });
    expect(own.related.length).toBeGreaterThan(0);
  });

  it("is there after a restart, also when the program now brings a task of its name", async () => {
    const { prisma } = platform.services;
    await importAs("WRITE", csv("mine"));
    expect(await loadTasks(prisma, path.join(ROOT, "tasks"))).toEqual([]);
    const folder = await mkdtemp(path.join(os.tmpdir(), "recallscope-tasks-"));
    await writeFile(path.join(folder, "mine.json"), json("mine").text);
    await writeFile(path.join(folder, "other.json"), json("program-own").text);
    expect(await loadTasks(prisma, folder)).toEqual([
      expect.stringMatching(/task mine: somebody here has made a task/),
    ]);
    await rm(folder, { recursive: true });
    const { data } = await ask(
      "READ",
      `{ mine: task(slug: "mine") { origin factCount } own: task(slug: "program-own") { origin createdBy } }`,
      {},
    );
    expect(data).toEqual({
      mine: { origin: "USER", factCount: 3 },
      own: { origin: "BUNDLED", createdBy: null },
    });
    expect(
      await refusal(
        DELETE.replace("$slug: String!", "$input: DeleteTaskInput!").replace("{ slug: $slug }", "$input"),
        { slug: "program-own" },
      ),
    ).toEqual(["TASK_REFUSED", expect.stringMatching(/comes with this copy, and stays/)]);
  });
});

it("tasks and models are listed by text, origin and order", async () => {
  const slugs = async (variables: object) => {
    const { data, errors } = await ask("READ", LIST, variables as never);
    expect(errors).toBeUndefined();
    expect(data.tasks.totalCount).toBe(data.tasks.edges.length);
    return data.tasks.edges.map(({ node }: Loose) => node.slug);
  };
  const own = await slugs({ filter: { origin: "USER" } });
  expect(own).toEqual([...own].sort());
  expect(own).toContain("mine");
  expect(own).not.toContain("country-capital");
  expect(await slugs({ filter: { origin: "USER", createdBy: "other" } })).toEqual([]);
  expect(await slugs({ filter: { text: "TITLE OF OWN-J" } })).toEqual(["own-json"]);
  expect(await slugs({ orderBy: { by: "SLUG", direction: "DESC" } })).toEqual((await slugs({})).reverse());
  expect((await slugs({ orderBy: { by: "CREATED", direction: "DESC" } }))[0]).toBe("program-own");
  const models = await ask(
    "READ",
    `{ some: models(filter: { text: "OTH" }) { edges { node { name } } } hub: models(filter: { source: HUB }) { totalCount }
    all: models(orderBy: { by: NAME, direction: DESC }) { edges { node { name } } } }`,
    {},
  );
  expect(models.data).toEqual({
    some: { edges: [{ node: { name: "other" } }] },
    hub: { totalCount: 0 },
    all: { edges: [{ node: { name: "other" } }, { node: { name: "demo" } }] },
  });
});

it("a run whose related task was taken away says so instead of measuring less", async () => {
  const { tasksOf } = await import("../src/tasks/related-tasks.ts");
  const { prisma } = platform.services;
  const { hash } = await prisma.task.findFirstOrThrow({ where: { slug: "country-capital" } });
  expect(await tasksOf(prisma, [hash])).toHaveLength(1);
  await expect(tasksOf(prisma, [hash, "f".repeat(64)])).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
});
