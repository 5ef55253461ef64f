import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, recallscope } from "./recallscope.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "recallscope-task-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const at = (name: string) => path.join(folder, name);
const json = async (file: string) => JSON.parse(await readFile(file, "utf8"));

const TABLE = "\ufeffLand,City\r\nPeru,Lima\r\n Kenya ,Nairobi\r\nChad,\r\nPeru,Cuzco\r\nNorway,Oslo\r\n";
const asTable = (...more: string[]) => [
  ...["task", "import", at("table.csv"), "--out", at("table.json"), "--id", "land-city"],
  ...["--columns", "subject=Land,answer=City", "--clause", "The capital of {} is", "--clause", "What is {}?"],
  ...more,
];

describe("task import", () => {
  beforeAll(() => writeFile(at("table.csv"), TABLE));

  it("makes a task of a table that a run can use, and says what it dropped and where", async () => {
    const { code, stdout } = await recallscope(asTable("--report", at("report.json")));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^read as csv\n\nland-city: 2 of 5 facts, 1 of 2 clauses -> /);
    expect(stdout).toMatch(
      /dropped 2, several-answers: .*\n {4}line 2 {2}Peru: Lima {2}\(Lima, Cuzco\)\n {4}line 5/,
    );
    expect(stdout).toMatch(/no-answer: .*\n {4}line 4 {2}Chad: \n/);
    expect(stdout).toMatch(/not-before-answer: .*\n {4}clause 2 {2}What is \{\}\?/);
    expect(stdout).toMatch(/note: the byte order mark/);
    const report = await json(at("report.json"));
    expect(report.tasks[0].facts).toEqual({ read: 5, kept: 2 });
    expect(report.tasks[0].dropped).toHaveLength(4);
    const check = await recallscope(["task", "check", at("table.json")]);
    expect(check.stdout).toMatch(/land-city +imported +2 +2 +Nairobi 50 %/);
  });

  it("overwrites only when told to", async () => {
    const refused = await recallscope(asTable());
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/^error BAD_INPUT: .*table\.json exists \(give --force/);
    expect((await recallscope(asTable("--force"))).code).toBe(0);
  });

  it("ends with code 1 and the report where no task came out", async () => {
    await writeFile(at("few.csv"), "subject,answer\nPeru,Lima\nChad,\n");
    const few = [
      "task",
      "import",
      at("few.csv"),
      "--out",
      at("few.json"),
      "--id",
      "few",
      "--clause",
      "of {} is",
    ];
    const { code, stdout, stderr } = await recallscope(few);
    expect(code).toBe(1);
    expect(stdout).toMatch(/few: no task, 1 facts are left.*\n.*no-answer/);
    expect(stderr).toMatch(/^error BAD_INPUT: .*few\.csv: no task came out of it/);
    expect(await readdir(folder)).not.toContain("few.json");
  });

  it("writes one file for each relation of a CounterFact file", async () => {
    const record = (subject: string, answer: string, relation: string) => ({
      requested_rewrite: {
        prompt: "{} plays the",
        relation_id: relation,
        subject,
        target_true: { str: answer },
      },
    });
    const records = [
      record("Ada", "harp", "P1303"),
      record("Bo", "drum", "P1303"),
      record("Cy", "goal", "P413"),
      record("Di", "wing", "P413"),
    ];
    await writeFile(at("cf.json"), JSON.stringify(records));
    const missing = await recallscope(["task", "import", at("cf.json"), "--out", at("none")]);
    expect(missing.stderr).toMatch(/none: is no folder/);
    const { code, stdout } = await recallscope(["task", "import", at("cf.json"), "--out", folder]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^read as counterfact\n\ncounterfact-p413: 2 of 2 facts/);
    expect((await json(at("counterfact-p1303.json"))).title).toBe("instrument (P1303)");
  });

  it.each([
    [["--columns", "land=Land"], 2, /subject=NAME, answer=NAME/],
    [["--format", "xml"], 2, /json, csv, lre, counterfact/],
    [["--like", "capitals"], 1, /^error TASK_NOT_FOUND/],
  ])("refuses %j", async (flags, code, message) => {
    const outcome = await recallscope([
      "task",
      "import",
      at("table.csv"),
      "--out",
      at("x.json"),
      "--id",
      "x",
      ...flags,
    ]);
    expect(outcome).toMatchObject({ code, stdout: "" });
    expect(outcome.stderr).toMatch(message);
  });
});

describe("task export", () => {
  it("gives a table that comes back as the same task beside it", async () => {
    const task = "painting-artist";
    const { code, stderr } = await recallscope([
      "task",
      "export",
      task,
      "--format",
      "csv",
      "--out",
      at("p.csv"),
    ]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^not in the csv file: .*--like/);
    await recallscope(["task", "import", at("p.csv"), "--like", task, "--out", at("p.json")]);
    expect(await json(at("p.json"))).toEqual(await json(path.join(ROOT, "tasks", `${task}.json`)));
  });

  it("prints an LRE relation on stdout", async () => {
    const { stdout } = await recallscope(["task", "export", "state-capital", "--format", "lre"]);
    expect(JSON.parse(stdout)).toMatchObject({
      prompt_templates: expect.arrayContaining(["The capital of the American state of {} is"]),
      samples: expect.arrayContaining([{ subject: "Texas", object: "Austin" }]),
    });
  });
});

describe("task check", () => {
  it("says of all tasks how many facts and answers they have, and which lead-ins name an answer", async () => {
    const { code, stdout } = await recallscope(["task", "check"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/state-capital +geography +47 +47 /);
    expect(stdout).toMatch(/^element-symbol: helium is dropped with lead-in remembered, which names He: /m);
  });

  it("asks a model what it knows", async () => {
    const { code, stdout } = await recallscope([
      "task",
      "check",
      "element-symbol",
      "--model",
      "recall-gpt2-1m",
      "--json",
    ]);
    expect(code).toBe(0);
    const [{ id, answers, model }] = JSON.parse(stdout);
    expect([id, answers, model.facts.length]).toEqual(["element-symbol", 34, 34]);
    expect(model.facts[0]).toMatchObject({ subject: "hydrogen", answer: "H", known: { TOP1: true } });
    expect(model.facts[0].prompts).toHaveLength(6);
  });
});
