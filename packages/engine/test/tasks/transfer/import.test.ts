import { describe, expect, it } from "vitest";
import { EngineError } from "../../../src/errors.ts";
import type { ImportOptions } from "../../../src/tasks/transfer/build-task.ts";
import type { DropRule } from "../../../src/tasks/transfer/import-report.ts";
import { type ImportFormat, importTasks } from "../../../src/tasks/transfer/import-tasks.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const CLAUSE = ["the capital of {subject} is"];

function importOne(
  text: string | Uint8Array,
  options: ImportOptions = {},
  format: ImportFormat | null = null,
) {
  const given = typeof text === "string" ? bytes(text) : text;
  const { imported } = importTasks(given, "file.x", format, options);
  expect(imported).toHaveLength(1);
  return imported[0]!;
}
const csv = (text: string | Uint8Array, options: ImportOptions = {}) =>
  importOne(text, { id: "a-task", clauses: CLAUSE, ...options }, "csv");
const facts = (one: ReturnType<typeof importOne>) =>
  one.task?.facts.map(({ subject, answer }) => [subject, answer]);
const drops = (one: ReturnType<typeof importOne>) =>
  one.report.dropped.map(({ rule, where }) => [rule, where]);
const GOOD = "Peru,Lima\nKenya,Nairobi\n";

describe("a table", () => {
  it("gives a task with the clauses, the demonstration of the first, and its own words of relation", () => {
    const { task, report } = csv(`subject,answer\n${GOOD}`, {
      clauses: [...CLAUSE, "The government of {} sits in"],
      domain: "geography",
    });
    expect(task).toEqual({
      id: "a-task",
      title: "a-task",
      relation: "capital",
      version: 1,
      domain: "geography",
      licence: "not stated",
      source: "imported from file.x",
      clauses: [
        { id: "clause-1", text: "the capital of {subject} is", relation: "capital" },
        { id: "clause-2", text: "the government of {subject} sits in", relation: "sits" },
      ],
      shot: "The capital of {subject} is {answer}.",
      facts: [
        { subject: "Peru", answer: "Lima" },
        { subject: "Kenya", answer: "Nairobi" },
      ],
    });
    expect(report.facts).toEqual({ read: 2, kept: 2 });
    expect(report.dropped).toEqual([]);
    expect(report.changed.map(({ rule }) => rule)).toEqual(["slot", "lower-case"]);
  });

  it.each<[string, string, [DropRule, string][]]>([
    ["an empty subject", "Chad,N'Djamena\n,Lima\n", [["no-subject", "line 5"]]],
    ["an empty answer", " Chad ,  \n", [["no-answer", "line 4"]]],
    ["the same fact twice", "Peru,Lima\n", [["duplicate", "line 4"]]],
    [
      "a subject with two answers, both of them",
      "Chad,Abeche\nChad,N'Djamena\n",
      [
        ["several-answers", "line 4"],
        ["several-answers", "line 5"],
      ],
    ],
    ["an answer inside its subject", "Guatemala City,Guatemala\n", [["answer-in-subject", "line 4"]]],
    ["an answer inside a clause", "Somewhere,capital\n", [["answer-in-clause", "line 4"]]],
    ["braces", "{Peru},Lima\n", [["braces", "line 4"]]],
    ["a cell too many", "Chad,N'Djamena,really\n", [["wrong-columns", "line 4"]]],
    ["a cell too few", "Chad\n", [["wrong-columns", "line 4"]]],
  ])("drops %s, with its line", (_, rows, expected) => {
    const one = csv(`subject,answer\n${GOOD}${rows}`);
    expect(drops(one)).toEqual(expected);
    expect(facts(one)!.slice(0, 2)).toEqual([
      ["Peru", "Lima"],
      ["Kenya", "Nairobi"],
    ]);
    expect(one.report.facts.kept).toBe(one.report.facts.read - expected.length);
  });

  it("counts lines through quoted cells, line ends of Windows and blank lines", () => {
    const one = csv(`subject,answer\r\n"Korea,\r\nSouth","Seo""ul"\r\n\r\nPeru,Lima\r\n,Oslo\r\n`);
    expect(facts(one)).toEqual([
      ["Korea, South", 'Seo"ul'],
      ["Peru", "Lima"],
    ]);
    expect(drops(one)).toEqual([["no-subject", "line 6"]]);
    expect(one.report.notes).toEqual(["1 blank line"]);
    expect(one.report.changed).toEqual([
      { rule: "whitespace", where: "line 2", from: "Korea,\nSouth", to: "Korea, South" },
    ]);
  });

  it("takes off a byte order mark, composes accents and trims, and says so", () => {
    const one = csv(`\ufeffsubject;answer\nPeru;\u00a0Lima \nColombia;Bogota\u0301\n`);
    expect(facts(one)).toEqual([
      ["Peru", "Lima"],
      ["Colombia", "Bogot\u00e1"],
    ]);
    expect(one.report.notes).toEqual(["the byte order mark was taken off"]);
    expect(one.report.changed).toEqual([
      { rule: "whitespace", where: "line 2", from: "\u00a0Lima ", to: "Lima" },
      { rule: "nfc", where: "line 3", from: "Bogota\u0301", to: "Bogot\u00e1" },
    ]);
  });

  it("finds facts that are the same once they are plain", () => {
    expect(drops(csv(`subject,answer\n${GOOD} Peru ,Lima\n`))).toEqual([["duplicate", "line 4"]]);
  });

  it("reads aliases, and takes an answer that is an alias of another for the same fact", () => {
    const one = csv(
      "subject,answer,aliases\nUSA,Washington,D.C.|Washington DC||D.C.\nUSA,D.C.,\nPeru,Lima,\n",
    );
    expect(one.task!.facts[0]).toEqual({
      subject: "USA",
      answer: "Washington",
      aliases: ["D.C.", "Washington DC"],
    });
    expect(drops(one)).toEqual([
      ["alias-dropped", "line 2"],
      ["alias-dropped", "line 2"],
      ["duplicate", "line 3"],
    ]);
  });

  it("reads columns by their names, and says which it does not read", () => {
    const one = csv("id\tCountry\tCapital\n1\tPeru\tLima\n2\tKenya\tNairobi\n", {
      columns: { subject: "Country", answer: "Capital" },
    });
    expect(facts(one)).toHaveLength(2);
    expect(one.report.notes).toEqual(["columns that are not read: id"]);
  });

  it("refuses a table that leaves fewer than two facts, and keeps the report", () => {
    const one = csv("subject,answer\nPeru,Lima\nKenya,\n");
    expect(one.task).toBeUndefined();
    expect(one.refused).toMatch(/1 facts are left \(at least 2/);
    expect(drops(one)).toEqual([["no-answer", "line 3"]]);
  });

  it.each([
    [
      "no such column",
      "land,stadt\nPeru,Lima\n",
      /no column subject \(there are: land, stadt; .*columns: subject=NAME/,
    ],
    ["nothing", "", /is empty/],
    [
      "a quote that is not closed",
      'subject,answer\nPeru,"Lima\nKenya,Nairobi\n',
      /is not a CSV table \(.*line/,
    ],
  ])("refuses a file with %s", (_, text, message) => {
    expect(() => csv(text)).toThrow(message);
    expect(() => csv(text)).toThrow(EngineError);
  });

  it("refuses other encodings", () => {
    expect(() => csv(Uint8Array.of(0xff, 0xfe, 0x50, 0))).toThrow(/UTF-16/);
    expect(() => csv(Uint8Array.of(0x50, 0xe9, 0x72))).toThrow(/not UTF-8/);
  });

  it("asks for a name, or for a task like it", () => {
    expect(() => importOne(`subject,answer\n${GOOD}`, { clauses: CLAUSE })).toThrow(/give it an id/);
  });
});

describe("clauses", () => {
  const clauses = (...texts: string[]) => csv(`subject,answer\n${GOOD}`, { clauses: [...CLAUSE, ...texts] });

  it.each<[DropRule, string]>([
    ["no-slot", "the capital is"],
    ["several-slots", "{subject} and {subject} have"],
    ["not-before-answer", "what is the capital of {subject}?"],
    ["not-before-answer", "{subject} has a capital."],
    ["not-before-answer", "in {subject} they call {answer} their capital"],
    ["not-before-answer", "{answer} is the capital of {subject}"],
    ["unknown-place", "in {year} the capital of {subject} was"],
    ["no-words", "{subject}: {answer}"],
    ["duplicate-clause", "The capital of [X] is [Y] ."],
  ])("drops %s: %s", (rule, text) => {
    const one = clauses(text);
    expect(drops(one)).toEqual([[rule, "clause 2"]]);
    expect(one.report.dropped[0]!.what).toBe(text);
    expect(one.task!.clauses).toHaveLength(1);
    expect(one.report.clauses).toEqual({ read: 2, kept: 1 });
  });

  it.each([
    ["The ruler of {} lives in", "the ruler of {subject} lives in"],
    ["the ruler of [X] lives in [Y].", "the ruler of {subject} lives in"],
    ["  the ruler of {subject}\tlives in ", "the ruler of {subject} lives in"],
    ["English maps show the ruler of {} in", "English maps show the ruler of {subject} in"],
    ["{}'s ruler lives in", "{subject}'s ruler lives in"],
    ["Where is the ruler of {}? In", "where is the ruler of {subject}? In"],
    ["the ruler of {subject} lives in,", "the ruler of {subject} lives in,"],
  ])("makes of %j: %j", (text, expected) => {
    const one = clauses(text);
    expect(one.task!.clauses[1]!.text).toBe(expected);
    expect(drops(one)).toEqual([]);
    if (text !== expected) expect(one.report.changed).not.toEqual([]);
  });

  it("drops one that lists the answers, and not the facts it would drop", () => {
    const one = clauses("of Lima and Nairobi, the seat of {subject} is");
    expect(drops(one)).toEqual([["names-answers", "clauses"]]);
    expect(one.report).toMatchObject({ clauses: { read: 2, kept: 1 }, facts: { read: 2, kept: 2 } });
  });

  it("without one that can be used there is no task", () => {
    const one = csv(`subject,answer\n${GOOD}`, { clauses: ["the capital is"] });
    expect(one.refused).toMatch(/no clause is left.*give some/);
  });
});

describe("an LRE relation", () => {
  const relation = {
    name: "river mouth",
    prompt_templates: ["The river {} flows into the", "{} ends in the"],
    prompt_templates_zs: ["Into what does the {} flow? Into the", "{} ends in the", "Which sea is it?"],
    properties: { relation_type: "factual", domain_name: "river", range_name: "sea", symmetric: false },
    samples: [
      { subject: "Danube", object: "Black Sea" },
      { subject: "Nile", object: "Mediterranean" },
      { subject: "Nile" },
      "Rhine",
      { subject: "Volga", object: "" },
    ],
  };
  it("becomes a task with both kinds of templates", () => {
    const one = importOne(JSON.stringify(relation));
    expect(one.task).toMatchObject({
      id: "river-mouth",
      title: "river mouth",
      relation: "sea",
      source: 'LRE relation "river mouth"',
      shot: "The river {subject} flows into the {answer}.",
      clauses: [
        { text: "the river {subject} flows into the" },
        { text: "{subject} ends in the" },
        { text: "into what does the {subject} flow? Into the" },
      ],
    });
    expect(drops(one)).toEqual([
      ["not-a-fact", "samples[2]"],
      ["not-a-fact", "samples[3]"],
      ["duplicate-clause", "prompt_templates_zs[1]"],
      ["no-slot", "prompt_templates_zs[2]"],
      ["no-answer", "samples[4]"],
    ]);
    expect(one.report.facts).toEqual({ read: 5, kept: 2 });
  });
  it("is refused with the place where it is none", () => {
    expect(() => importOne(JSON.stringify({ ...relation, name: 3 }), {}, "lre")).toThrow(
      /LRE relation.*name/,
    );
  });
});

describe("a CounterFact file", () => {
  const record = (subject: string, answer: string, prompt: string, relation = "P999") => ({
    case_id: 1,
    requested_rewrite: {
      prompt,
      relation_id: relation,
      target_new: { str: "Elsewhere", id: "Q1" },
      target_true: { str: answer, id: "Q2" },
      subject,
    },
    paraphrase_prompts: ["x"],
  });
  const file = [
    record("Tolva Hall", "Norrland", "{} can be found in"),
    record("Tolva Bridge", "Sudrland", "{} is built in"),
    record("Tolva Tower", "Norrland", "{} is built in"),
    record("Ada Brun", "piano", "The instrument that {} plays is the", "P1303"),
    record("Bo Lind", "cello", "The instrument that {} plays is the", "P1303"),
    record("Cy Holm", "harp", "{} plays the harp and not only the", "P1303"),
    { requested_rewrite: { prompt: "{}" } },
    record("Alone", "drum", "{} beats the", "P5"),
  ];
  const { format, imported, stray } = importTasks(bytes(JSON.stringify(file)), "cf.json", null);

  it("becomes one task for each relation, the most used template first", () => {
    expect(format).toBe("counterfact");
    expect(imported.map((one) => (one.task ? one.task.id : one.name))).toEqual([
      "counterfact-p5",
      "counterfact-p999",
      "counterfact-p1303",
    ]);
    expect(imported[1]!.task!.clauses.map(({ text }) => text)).toEqual([
      "{subject} is built in",
      "{subject} can be found in",
    ]);
    expect(imported[2]!.task).toMatchObject({ title: "instrument (P1303)", relation: "instrument" });
  });
  it("says what it left out, of each relation and of none", () => {
    expect(imported[0]!.refused).toMatch(/1 facts/);
    expect(drops(imported[2]!)).toEqual([["answer-in-clause", "[5]"]]);
    expect(stray.dropped.map(({ rule, where }) => [rule, where])).toEqual([["not-a-fact", "[6]"]]);
    const read = imported.reduce((sum, { report }) => sum + report.facts.read, stray.facts.read);
    expect(read).toBe(file.length);
  });
  it("takes no id for several relations", () => {
    expect(() => importTasks(bytes(JSON.stringify(file)), "cf.json", null, { id: "x" })).toThrow(
      /3 relations/,
    );
  });
});

describe("a JSON task", () => {
  it("keeps what is good of one that is not wholly so", () => {
    const one = importOne(
      JSON.stringify({
        id: "mine",
        colour: "red",
        clauses: [{ id: "of", text: "The mayor of {subject} is", relation: "mayor" }],
        facts: [
          { subject: "Ost", answer: "Ina" },
          { subject: "West", answer: "Per", aliases: ["P."] },
          { subject: "Nord" },
          { subject: "Ost", answer: "Ina", note: "again" },
        ],
      }),
    );
    expect(one.task).toMatchObject({
      id: "mine",
      domain: "imported",
      clauses: [{ id: "of", text: "The mayor of {subject} is", relation: "mayor" }],
      facts: [
        { subject: "Ost", answer: "Ina" },
        { subject: "West", answer: "Per", aliases: ["P."] },
      ],
    });
    expect(drops(one)).toEqual([
      ["unknown-field", "colour"],
      ["not-a-fact", "facts[2]"],
      ["duplicate", "facts[3]"],
    ]);
  });
  it("says where JSON breaks off", () => {
    expect(() => importOne('{"id": ')).toThrow(/is not JSON/);
  });
});
