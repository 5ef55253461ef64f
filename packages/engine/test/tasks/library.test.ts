import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { containsWord } from "../../src/tasks/contains-word.ts";
import { LEAD_INS } from "../../src/tasks/lead-ins.ts";
import { loadTask } from "../../src/tasks/load-task.ts";
import { framesOf, promptTexts, shotFacts } from "../../src/tasks/prompts.ts";
import { relatedTasks } from "../../src/tasks/related-tasks.ts";
import type { Task } from "../../src/tasks/task.ts";
import { settings } from "./a-task.ts";

const FOLDER = path.join(import.meta.dirname, "..", "..", "..", "..", "tasks");
const IDS = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".json"))
  .map((file) => path.basename(file, ".json"));
const TASKS = await Promise.all(IDS.map((id) => loadTask(path.join(FOLDER, `${id}.json`))));

const allPrompts = (task: Task, shots: number, leadIns: number = LEAD_INS.length) =>
  task.facts.flatMap((_, fact) => promptTexts(task, settings({ leadIns, shots }), fact));
const initial = (text: string) => text.charAt(0);
const repeated = (texts: readonly string[]) => texts.filter((text, i) => texts.indexOf(text) !== i);

describe("the library of tasks", () => {
  it("has at least 14 tasks in at least 6 domains", () => {
    expect(TASKS.length).toBeGreaterThanOrEqual(14);
    expect(new Set(TASKS.map(({ domain }) => domain)).size).toBeGreaterThanOrEqual(6);
  });

  it("words every clause and every demonstration once", () => {
    const demonstrations = TASKS.map(({ shot }) => shot);
    const clauses = TASKS.flatMap((task) => task.clauses.map(({ text }) => text));
    expect(repeated(clauses)).toEqual([]);
    expect(repeated(demonstrations)).toEqual([]);
  });

  it("gives countries, nouns and adjectives questions of more than one relation", () => {
    const related = (id: string) => relatedTasks(TASKS.find((task) => task.id === id)!, TASKS);
    for (const id of ["country-capital", "english-french", "adjective-antonym", "animal-class"])
      expect(related(id).length, id).toBeGreaterThanOrEqual(1);
  });
});

describe.each(TASKS.map((task) => [task.id, task] as const))("task %s", (id, task) => {
  it("bears the name of its file, is CC0 and says how its facts were checked", () => {
    expect(IDS).toContain(id);
    expect(task.licence).toBe("CC0-1.0");
    expect(task.source).toMatch(/checked against|read again/);
  });

  it("has 24 to 48 facts of at least 5 answers, and no answer of more than a half of them", () => {
    expect(task.facts.length).toBeGreaterThanOrEqual(24);
    expect(task.facts.length).toBeLessThanOrEqual(48);
    const counts = new Map<string, number>();
    for (const { answer } of task.facts) counts.set(answer, (counts.get(answer) ?? 0) + 1);
    expect(counts.size).toBeGreaterThanOrEqual(id === "country-continent" ? 3 : 5);
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(task.facts.length / 2);
  });

  it("has three clauses that end before the answer, and contain the word of their relation", () => {
    expect(task.clauses).toHaveLength(3);
    for (const { text, relation } of task.clauses) {
      expect(text, "a question or a finished sentence").not.toMatch(/[.?!:;]$/);
      expect(containsWord(text, relation), `${text}: ${relation}`).toBe(true);
    }
    // The demonstration shows one of the frames with its answer, so that a query continues what the examples began.
    const opening = (text: string) => initial(text).toUpperCase() + text.slice(1);
    expect(task.clauses.map(({ text }) => `${opening(text)} {answer}.`)).toContain(opening(task.shot));
  });

  it("repeats no subject in other letters, and no form of an answer", () => {
    const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    expect(repeated(task.facts.map(({ subject }) => plain(subject)))).toEqual([]);
    for (const { answer, aliases = [] } of task.facts) {
      expect(repeated([answer, ...aliases])).toEqual([]);
      for (const alias of aliases) expect(alias).toBe(alias.trim().normalize("NFC"));
    }
  });

  it("never names an answer, nor a form of it, in a prompt", () => {
    const prompts = allPrompts(task, 0);
    expect(prompts).toHaveLength(
      task.facts.length * framesOf(task, settings({ leadIns: LEAD_INS.length })).length,
    );
    const named = prompts.filter(({ fact, text }) => {
      const { answer, aliases = [] } = task.facts[fact]!;
      return [answer, ...aliases].some((form) => containsWord(text, form));
    });
    // "He remembered that": with this lead-in a run drops helium and says so.
    const symbolOfHelium = ({ text }: { text: string }) => id === "element-symbol" && text.includes("helium");
    expect(named.filter((prompt) => !symbolOfHelium(prompt)).map(({ text }) => text)).toEqual([]);
    for (const { subject, answer } of task.facts) expect(subject).not.toContain(answer);
  });

  it("has demonstrations for eight shots before every subject", () => {
    for (const fact of task.facts.keys()) {
      const shots = shotFacts(task, settings({ shots: 8 }), fact);
      expect(shots.every(({ answer }) => answer !== task.facts[fact]!.answer)).toBe(true);
    }
  });

  it("makes sentences: capital at the start, article before the right sound, no 'the' twice", () => {
    for (const { text } of [...allPrompts(task, 0), ...allPrompts(task, 1, 1)]) {
      expect(text).not.toMatch(/\b(?:the|a|an) (?:the|a|an)\b/i);
      expect(text).not.toMatch(/\ba [aeiou]/);
      expect(text).not.toMatch(/\ban [^aeiou]/i);
      expect(text).not.toMatch(/ {2}|^ | $/);
      // Names such as iPhone keep their own first letter.
      expect(text).toMatch(/^(?:\p{Lu}|\p{Ll}\p{Lu})/u);
      expect(text.normalize("NFC")).toBe(text);
    }
    for (const { answer } of task.facts)
      for (const { text } of task.clauses) {
        if (/ a$/.test(text)) expect(answer, `${text} ${answer}`).not.toMatch(/^[aeiou]/);
        if (/ an$/.test(text)) expect(answer, `${text} ${answer}`).toMatch(/^[aeiou]/);
        if (/ (?:the|a|an)$/.test(text)) expect(answer).not.toMatch(/^the /i);
      }
  });
});

describe("what is written about the library", () => {
  const ROOT = path.join(FOLDER, "..");
  const read = (...parts: string[]) => readFileSync(path.join(ROOT, ...parts), "utf8");
  const domains = new Set(TASKS.map(({ domain }) => domain)).size;

  it("counts its tasks, domains, facts and answers as they are", () => {
    const page = read("docs", "tasks.md");
    const facts = TASKS.reduce((sum, task) => sum + task.facts.length, 0);
    expect(page).toContain(`holds ${TASKS.length} of them in ${domains} domains, ${facts} facts in all`);
    expect(read("README.md")).toContain(`(${TASKS.length} relations in ${domains} domains)`);
    for (const { id, domain, facts } of TASKS) {
      const answers = new Set(facts.map(({ answer }) => answer)).size;
      expect(page).toContain(`| \`${id}\` | ${domain} | ${facts.length} | ${answers} |`);
    }
  });

  it("lists facts that were read again by the subjects that tasks have, and counts the others as checked", () => {
    const again: Record<string, string[]> = JSON.parse(read("tasks", "checks", "read-again.json"));
    expect(IDS).toEqual(expect.arrayContaining(Object.keys(again)));
    for (const { id, facts, source } of TASKS) {
      const listed = again[id] ?? [];
      expect(facts.map(({ subject }) => subject)).toEqual(expect.arrayContaining(listed));
      expect(source.includes("read again"), id).toBe(listed.length > 0);
      if (listed.length)
        expect(read("docs", "tasks.md")).toMatch(new RegExp(`\\\`${id}\\\`.*read again ${listed.length} `));
    }
  });
});

it("letter-next follows the alphabet", () => {
  const { facts } = TASKS.find(({ id }) => id === "letter-next")!;
  for (const { subject, answer } of facts) expect(answer.charCodeAt(0)).toBe(subject.charCodeAt(0) + 1);
  expect(facts).toHaveLength(25);
});
