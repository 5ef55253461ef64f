import { readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { loadTask, parseTask, taskHash } from "../../src/tasks/load-task.ts";
import { prepareTask } from "../../src/tasks/prepare.ts";
import { temporaryFolder, write } from "../checkpoints/files.ts";
import { aTask, COUNTRIES, settings } from "./a-task.ts";
import { tinyTokenizer } from "./tiny-tokenizer.ts";

const ROOT = path.join(import.meta.dirname, "..", "..", "..", "..");
const TASKS = readdirSync(path.join(ROOT, "tasks")).filter((file) => file.endsWith(".json"));
const task = aTask(COUNTRIES);
const clause = (text: string) => ({ clauses: [{ id: "of", text, relation: "capital" }] });
const fact = (subject: string, answer: string) => ({ facts: [...task.facts, { subject, answer }] });

describe("parseTask", () => {
  it("takes a good task as it is", () => {
    expect(parseTask(JSON.parse(JSON.stringify(task)), "here")).toEqual(task);
  });

  it.each([
    ["a missing field", { title: undefined }, "title"],
    ["an unknown field", { colour: "red" }, "colour"],
    ["one fact only", { facts: task.facts.slice(0, 1) }, "facts"],
    ["a bad id", { id: "A Task" }, "id"],
    ["a clause without its subject", clause("the capital is"), "{subject}"],
    [
      "a clause with two subjects",
      clause("{subject} or {subject} is"),
      "clause of: placeholders {subject} {subject}",
    ],
    [
      "a clause with another placeholder",
      clause("{subject} in {year} is"),
      "clause of: placeholders {subject} {year}",
    ],
    [
      "a clause that ends with a space",
      clause("the capital of {subject} is "),
      "clause of: starts or ends with a space",
    ],
    ["two clauses of one id", { clauses: [task.clauses[0], task.clauses[0]] }, "clause id of appears twice"],
    ["a shot with two answers", { shot: "{subject} {answer} {answer}" }, "shot: placeholders"],
    ["a subject twice", fact("Peru", "Cusco"), "subject Peru appears twice"],
    ["an answer with a space in front", fact("Chad", " Ndjamena"), 'answer " Ndjamena": has outer spaces'],
    ["a decomposed accent", fact("Cote", "Bogota\u0301"), "decomposed accents"],
    ["a placeholder as subject", fact("{answer}", "X"), "braces"],
  ])("refuses %s", (_, changes, message) => {
    expect(() => parseTask({ ...task, ...changes }, "here")).toThrow(/^task here: /);
    expect(() => parseTask({ ...task, ...changes }, "here")).toThrow(message);
  });
});

describe("loadTask", () => {
  const folder = temporaryFolder();

  it("names the file it cannot use", async () => {
    await expect(loadTask(path.join(folder, "none.json"))).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
    const broken = write(folder, "broken.json", "{");
    await expect(loadTask(broken)).rejects.toMatchObject({
      code: "BAD_TASK",
      message: expect.stringContaining(broken),
    });
    const poor = write(folder, "poor.json", {});
    await expect(loadTask(poor)).rejects.toMatchObject({
      code: "BAD_TASK",
      message: expect.stringContaining(poor),
    });
  });

  it("hashes what a task asks, not how it is described", () => {
    expect(taskHash({ ...task, title: "Else" })).toBe(taskHash(task));
    expect(taskHash({ ...task, shot: "{subject}: {answer}" })).not.toBe(taskHash(task));
    expect(taskHash(aTask(COUNTRIES.slice(1)))).not.toBe(taskHash(task));
  });

  it.each(TASKS)("reads %s, whose facts can be asked with and without demonstrations", async (file) => {
    const own = await loadTask(path.join(ROOT, "tasks", file));
    expect(own.id).toBe(path.basename(file, ".json"));
    const tokenizer = tinyTokenizer();
    for (const shots of [0, 2]) {
      const { facts, prompts, dropped } = prepareTask(own, tokenizer, settings({ shots }), 2048);
      // Words are whole tokens here, so that only a first word in common with another answer speaks against a fact.
      expect(dropped.filter(({ reason }) => !reason.includes("shared"))).toEqual([]);
      expect(facts.length + dropped.length).toBe(own.facts.length);
      expect(facts.length).toBeGreaterThanOrEqual(24);
      expect(prompts).toHaveLength(facts.length * own.clauses.length * 2);
      for (const { tokens, text, subjectSpan, fact } of prompts) {
        expect(tokenizer.decode(tokens)).toBe(`<s>${text}`);
        expect(tokenizer.decode(tokens.slice(...subjectSpan)).trim()).toBe(facts[fact]!.subject);
      }
    }
  });
});
