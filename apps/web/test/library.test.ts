import { describe, expect, it } from "vitest";
import { drawBlock, PLACES } from "../src/features/models/block-layout.ts";
import { createStudyMutation, studyCommands } from "../src/features/new-run/commands.ts";
import { FORM_DEFAULTS, readCell, readForm, readShots } from "../src/features/new-run/form-state.ts";
import { dayAgo, FILTER_DEFAULTS, filterOf } from "../src/features/runs/filters.ts";
import { EMPTY_FORM, inputOf } from "../src/features/tasks/import/import-state.ts";
import { joinNames, splitNames } from "../src/state/url-list.ts";

describe("what the address of the runs says", () => {
  it("becomes the server's filter, and what no list can have is left out", () => {
    expect(
      filterOf({ ...FILTER_DEFAULTS, status: "FAILED,nonsense", shots: "x", tags: "a,b", from: "soon" }),
    ).toEqual({
      text: null,
      status: ["FAILED"],
      model: null,
      task: null,
      shots: null,
      tags: ["a", "b"],
      study: null,
      createdFrom: null,
      createdBefore: null,
    });
  });

  it("counts days of this calendar, both included", () => {
    const { createdFrom, createdBefore } = filterOf({
      ...FILTER_DEFAULTS,
      from: "2026-02-28",
      until: "2026-02-28",
    });
    expect(new Date(createdFrom as string)).toEqual(new Date(2026, 1, 28));
    expect(new Date(createdBefore as string)).toEqual(new Date(2026, 2, 1));
    expect(dayAgo(1, new Date(2026, 2, 1, 12))).toBe("2026-02-28");
  });
});

it("names in an address may hold commas and per cents", () => {
  const names = ["/models/a,b", "100%2C", "c"];
  expect(splitNames(joinNames(names))).toEqual(names);
  expect(splitNames(",")).toEqual([]);
});

describe("the form of a run", () => {
  it("has one setting for each number of shots, in order", () => {
    const { settings, problems } = readForm({ ...FORM_DEFAULTS, shots: "4,0,9", leadIns: "14" }, ["a"]);
    expect(settings.map(({ shots }) => shots)).toEqual([0, 4]);
    expect(settings[1]?.analyses).toEqual(["a"]);
    expect(problems).toEqual({ leadIns: "a whole number from 1 to 13" });
    expect(readShots("")).toEqual([]);
    expect(readForm({ ...FORM_DEFAULTS, shots: "" }, []).settings).toHaveLength(1);
  });

  it("shows a cell that the grid has", () => {
    expect(readCell("1.2.0", [2, 3, 1])).toEqual([1, 2, 0]);
    expect(readCell("2.x.-1", [2, 3, 1])).toEqual([0, 0, 0]);
  });

  it("becomes commands and a mutation for a study", () => {
    const { settings } = readForm({ ...FORM_DEFAULTS, shots: "0,2", analyses: "none" }, []);
    const study = { name: "it's", models: ["m", "/a b"], tasks: ["x", "y"], settings };
    expect(studyCommands(study).split("\n")[1]).toBe(
      "npx recallscope study --model '/a b' --tasks x,y --shots 0,2 --seed 1 --known-filter CANDIDATE_TOP1 --lead-ins 2 --bootstrap 2000 --analyses none --sweep-prompts 1 --sweep-mode exact --precision f32 --name 'it'\\''s'",
    );
    expect(createStudyMutation(study)).toContain('models: ["m","/a b"]');
    expect(createStudyMutation(study).match(/shots: \d/g)).toEqual(["shots: 0", "shots: 2"]);
  });
});

describe("the block diagram", () => {
  const forms = [
    { blocks: "serial", postNorm: "none" },
    { blocks: "parallel", postNorm: "none" },
    { blocks: "serial", postNorm: "output" },
    { blocks: "serial", postNorm: "stream" },
  ];
  it("is another one for each form of block", () => {
    const drawings = forms.map((form) => JSON.stringify(drawBlock(form)));
    expect(new Set(drawings).size).toBe(forms.length);
  });
  it("has a place of its own for every point", () => {
    const places = Object.values(PLACES).map(String);
    expect(new Set(places).size).toBe(places.length);
  });
});

it("an import says only what was filled in", () => {
  expect(inputOf("a", null, EMPTY_FORM)).toEqual({
    text: "a",
    fileName: null,
    format: null,
    slug: null,
    title: null,
    relation: null,
    domain: null,
    licence: null,
    source: null,
    like: null,
    clauses: null,
    shot: null,
    columns: null,
  });
  const filled = inputOf("a", "f.csv", {
    ...EMPTY_FORM,
    format: "CSV",
    clauses: " x \n\n y",
    answerColumn: "City",
  });
  expect(filled).toMatchObject({
    format: "CSV",
    clauses: ["x", "y"],
    columns: { subject: null, answer: "City", aliases: null },
  });
});
