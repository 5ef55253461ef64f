import { readdirSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { containsWord } from "../../../src/tasks/contains-word.ts";
import { loadTask } from "../../../src/tasks/load-task.ts";
import type { Task } from "../../../src/tasks/task.ts";
import { joinAliases, splitAliases } from "../../../src/tasks/transfer/aliases.ts";
import { cleanText } from "../../../src/tasks/transfer/clean-text.ts";
import { type ExportFormat, exportTask } from "../../../src/tasks/transfer/export-task.ts";
import { emptyReport } from "../../../src/tasks/transfer/import-report.ts";
import { type ImportFormat, importTasks } from "../../../src/tasks/transfer/import-tasks.ts";
import { aTask } from "../a-task.ts";

const FOLDER = path.join(import.meta.dirname, "..", "..", "..", "..", "..", "tasks");
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith(".json"));
const bytes = (text: string) => new TextEncoder().encode(text);
const importOne = (text: string, format: ImportFormat, like?: Task) =>
  importTasks(bytes(text), "file", format, like ? { like } : {}).imported[0]!;
const back = (task: Task, format: ExportFormat, like?: Task) =>
  importOne(exportTask(task, format).text, format, like);
const withoutAliases = (task: Task): Task => ({
  ...task,
  facts: task.facts.map(({ subject, answer }) => ({ subject, answer })),
});

describe.each(FILES)("%s comes back", (file) => {
  it("as it was from JSON, and from a table and an LRE relation beside the task", async () => {
    const task = await loadTask(path.join(FOLDER, file));
    for (const [one, expected] of [
      [back(task, "json"), task],
      [back(task, "csv", task), task],
      [back(task, "lre", task), withoutAliases(task)],
    ] as const) {
      expect(one.task).toEqual(expected);
      expect(one.report.dropped).toEqual([]);
      expect(one.report.changed).toEqual([]);
    }
  });

  it("from an LRE relation alone with its facts and the wording of its clauses", async () => {
    const task = await loadTask(path.join(FOLDER, file));
    const { task: own } = back(task, "lre");
    const lower = (text: string) => text.toLowerCase();
    expect(own!.facts).toEqual(withoutAliases(task).facts);
    expect(own!.clauses.map(({ text }) => lower(text))).toEqual(task.clauses.map(({ text }) => lower(text)));
  });
});

/** Texts with what spreadsheets and web pages leave in them. */
const messy = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc
    .array(
      fc.constantFrom(
        "Lima",
        "a",
        "\u0301",
        " ",
        "\u00a0",
        "\r\n",
        "\t",
        "\u200b",
        "\ufeff",
        ",",
        ";",
        '"',
        "|",
        "\\",
        "{",
        "}",
        "",
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join("")),
);
const rawFacts = fc.array(
  fc.record({ subject: messy, answer: messy, aliases: fc.array(messy, { maxLength: 3 }) }),
  { maxLength: 12 },
);
const CLAUSES = aTask([]).clauses;

describe("whatever stands in a file", () => {
  it("texts that are plain stay so", () => {
    fc.assert(
      fc.property(messy, (text) => {
        const once = cleanText(text, "", emptyReport());
        const report = emptyReport();
        expect(cleanText(once, "", report)).toBe(once);
        expect(report.changed).toEqual([]);
        expect(once).toBe(once.trim().normalize("NFC"));
      }),
    );
  });

  it("aliases in one cell come apart as they were", () => {
    fc.assert(
      fc.property(fc.array(messy, { minLength: 1 }), (aliases) => {
        fc.pre(joinAliases(aliases) !== "");
        expect(splitAliases(joinAliases(aliases))).toEqual(aliases);
      }),
    );
  });

  it("every fact is either kept or dropped with its reason, and kept ones can be asked", () => {
    fc.assert(
      fc.property(rawFacts, (facts) => {
        const { imported } = importTasks(bytes(JSON.stringify({ clauses: CLAUSES, facts })), "f", "json");
        const { task, report } = imported[0]!;
        const lost = report.dropped.filter(({ rule }) => rule !== "alias-dropped");
        expect(report.facts.read).toBe(facts.length);
        expect(report.facts.kept + lost.length).toBe(facts.length);
        if (!task) {
          expect(report.facts.kept).toBeLessThan(2);
          return;
        }
        expect(task.facts).toHaveLength(report.facts.kept);
        expect(new Set(task.facts.map(({ subject }) => subject)).size).toBe(task.facts.length);
        for (const { subject, answer } of task.facts)
          for (const { text } of task.clauses)
            expect(
              containsWord(
                text.replace("{subject}", () => subject),
                answer,
              ),
            ).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it("a task that came out of an import comes back the same from every format", () => {
    fc.assert(
      fc.property(rawFacts, (facts) => {
        const { task } = importTasks(bytes(JSON.stringify({ clauses: CLAUSES, facts })), "f", "json")
          .imported[0]!;
        fc.pre(task !== undefined);
        expect(back(task!, "json").task).toEqual(task);
        expect(back(task!, "csv", task).task).toEqual(task);
        expect(back(task!, "lre", task).task).toEqual(withoutAliases(task!));
      }),
      { numRuns: 300 },
    );
  });

  it("any bytes end in tasks, in a refusal or in an error of the engine", () => {
    const formats = fc.constantFrom<ImportFormat | null>(null, "json", "csv", "lre", "counterfact");
    const text = fc.oneof(
      messy.map(bytes),
      fc.uint8Array({ maxLength: 60 }),
      fc.json().map(bytes),
      rawFacts.map((facts) =>
        bytes(JSON.stringify({ prompt_templates: ["{} is"], name: "x", samples: facts })),
      ),
    );
    fc.assert(
      fc.property(text, formats, (file, format) => {
        try {
          const { imported } = importTasks(file, "f", format, { clauses: ["the capital of {subject} is"] });
          for (const one of imported) expect(Boolean(one.task) !== Boolean(one.refused)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ name: "EngineError", code: "BAD_INPUT" });
        }
      }),
      { numRuns: 500 },
    );
  });
});
