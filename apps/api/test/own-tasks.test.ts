import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Task } from "@recallscope/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../src/env.ts";
import { loadTasks } from "../src/tasks/load-tasks.ts";
import { codeOf, type GuardedPlatform, guardedPlatform } from "./support/guarded-platform.ts";
import type { Loose } from "./support/platform.ts";
import { asking, CHECK, csv, DELETE, IMPORT, json, MASCOTS } from "./support/task-files.ts";

let platform: GuardedPlatform;
let ask: ReturnType<typeof asking>["ask"];
let importAs: ReturnType<typeof asking>["importAs"];
let refusal: ReturnType<typeof asking>["refusal"];
beforeAll(async () => {
  platform = await guardedPlatform();
  ({ ask, importAs, refusal } = asking(platform));
});
afterAll(() => platform.stop());

const LIST = `query ($filter: TaskFilter, $orderBy: TaskOrder) { tasks(first: 100, filter: $filter, orderBy: $orderBy) {
  totalCount edges { node { slug title version origin createdBy } } } }`;

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
    await importAs("WRITE", csv("own-csv"));
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
  await importAs("WRITE", json("own-json"));
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
  expect((await slugs({ orderBy: { by: "CREATED", direction: "DESC" } }))[0]).toBe("own-json");
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
