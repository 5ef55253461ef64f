import type { Task } from "@recallscope/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GuardedPlatform, guardedPlatform } from "./support/guarded-platform.ts";
import type { Loose } from "./support/platform.ts";
import { asking, CHECK, CLAUSES, csv, IMPORT, json, MASCOTS } from "./support/task-files.ts";

let platform: GuardedPlatform;
let ask: ReturnType<typeof asking>["ask"];
let importAs: ReturnType<typeof asking>["importAs"];
let refusal: ReturnType<typeof asking>["refusal"];
beforeAll(async () => {
  platform = await guardedPlatform();
  ({ ask, importAs, refusal } = asking(platform));
});
afterAll(() => platform.stop());

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
