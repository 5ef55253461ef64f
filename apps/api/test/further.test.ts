import { DEFAULT_SETTINGS, type RunReport, type RunSettings, type Task } from "@recallscope/engine";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCommand } from "../src/runs/command.ts";
import { runKey } from "../src/runs/run-key.ts";
import { saveRun } from "../src/runs/save-run.ts";
import { fakeReport } from "./support/fake-report.ts";
import { knockoutReport } from "./support/knockout-report.ts";
import { type Loose, type TestPlatform, testPlatform } from "./support/platform.ts";

let platform: TestPlatform;
let key: string;
let old: string;
const estimate = (value: number) => ({ value, low: value - 1, high: value + 1, n: 3 });

beforeAll(async () => {
  platform = await testPlatform({ float16: true });
  const { prisma } = platform.services;
  const { content } = await prisma.task.findFirstOrThrow({ where: { slug: "country-capital" } });
  const task = content as unknown as Task;
  const further: NonNullable<RunReport["further"]> = {
    "attention-knockout": knockoutReport(estimate),
  };
  const settings: RunSettings = {
    ...DEFAULT_SETTINGS,
    analyses: ["attention-knockout"],
    sweepPrompts: 2,
    sweepMode: "SCREENED",
  };
  const report = { ...fakeReport("demo", task, settings), further };
  const places = { modelsFolder: platform.models, base: platform.models };
  ({ key } = await saveRun(prisma, { task, related: [], report }, places));
  // A report from before there were modes.
  const { sweepMode: _, ...before } = settings;
  const early = { ...fakeReport("demo", task, before as RunSettings), further };
  ({ key: old } = await saveRun(prisma, { task, related: [], report: early }, places));
});
afterAll(() => platform.stop());

const QUERY = `query ($key: ID!, $mechanism: String) {
  run(id: $key) {
    settings { analyses sweepPrompts sweepMode }
    receipt { command settings { sweepMode } }
    further(mechanism: $mechanism) {
      analysis { id title standard }
      report
      figures {
        __typename title unit
        ... on LinesFigure { axis ticks series { label points { value low high n } } }
      }
    }
  }
}`;

it("serves what further analyses found, as numbers and as figures", async () => {
  const { run } = (await platform.graphql<Loose>(QUERY, { key })).data;
  expect(run.settings).toEqual({
    analyses: ["attention-knockout"],
    sweepPrompts: 2,
    sweepMode: "SCREENED",
  });
  expect(run.receipt.command).toContain(
    "--sweep-prompts 2 --sweep-mode screened --analyses attention-knockout",
  );
  expect(run.further).toHaveLength(1);
  const [{ analysis, report, figures }] = run.further;
  expect(analysis).toMatchObject({ id: "attention-knockout", standard: true });
  expect(report.curves[0].windows[1].logProb.value).toBe(-4);
  const lines = figures.find((figure: { __typename: string }) => figure.__typename === "LinesFigure");
  expect(lines.ticks).toHaveLength(2);
  expect(lines.series[0].points[1]).toMatchObject({ low: expect.any(Number), n: 3 });
});

it("reads a run from before there were modes of sweeps as an exact one", async () => {
  const { run } = (await platform.graphql<Loose>(QUERY, { key: old })).data;
  expect([run.settings.sweepMode, run.receipt.settings.sweepMode]).toEqual(["EXACT", "EXACT"]);
  expect(run.receipt.command).not.toContain("--sweep-mode");
});

it("keys a run by its mode, and leaves the keys of exact runs as they were", () => {
  const model = { weightHash: "w", tokenizerHash: "t" };
  const exact = { ...DEFAULT_SETTINGS, analyses: ["head-position-sweep"] };
  const { sweepMode: _, ...before } = exact;
  const of = (settings: Partial<RunSettings>) => runKey(model, "task", settings as RunSettings, []);
  expect(old).not.toBe(key);
  expect(of({ ...exact, sweepMode: "SCREENED" })).not.toBe(of(exact));
  expect(of(before)).toBe(of(exact));
  const none = { ...exact, analyses: [] };
  expect(of({ ...none, sweepMode: "SCREENED" })).toBe(of(none));
});

it("keys a run in float16 apart, and leaves the keys of all others as they were", () => {
  const model = { weightHash: "w", tokenizerHash: "t" };
  const of = (settings: Partial<RunSettings>) => runKey(model, "task", settings as RunSettings, []);
  const { precision: _, ...before } = DEFAULT_SETTINGS;
  expect(of(DEFAULT_SETTINGS)).toBe(of(before));
  for (const settings of [DEFAULT_SETTINGS, { ...DEFAULT_SETTINGS, analyses: [] }])
    expect(of({ ...settings, precision: "F16" })).not.toBe(of(settings));
});

it("keeps the precision that was asked for, with the command that asks for it", async () => {
  const { data } = await platform.graphql<Loose>(
    `mutation { createRun(input: { model: "demo", task: "country-capital", settings: { seed: 77, precision: F16 } }) {
      run { id key settings { precision } } } }`,
  );
  const { run } = data.createRun;
  expect(run.settings.precision).toBe("F16");
  const single = await platform.graphql<Loose>(
    `mutation { createRun(input: { model: "demo", task: "country-capital", settings: { seed: 77 } }) {
      created run { key settings { precision } } } }`,
  );
  expect(single.data.createRun).toMatchObject({ created: true, run: { settings: { precision: "F32" } } });
  expect(single.data.createRun.run.key).not.toBe(run.key);
  expect(runCommand("demo", "country-capital", { ...DEFAULT_SETTINGS, precision: "F16" })).toBe(
    "npx recallscope run --model demo --task country-capital --shots 0 --precision f16",
  );
});

it("refuses a mode that there is not", async () => {
  const { errors } = await platform.graphql<Loose>(
    `mutation { createRun(input: { model: "demo", task: "country-capital", settings: { sweepMode: FAST } }) { created } }`,
  );
  expect(errors![0]!.message).toMatch(/FAST.*SweepMode/);
});

it("narrows them to one step of the account", async () => {
  const of = async (mechanism: string) =>
    (await platform.graphql<Loose>(QUERY, { key, mechanism })).data.run.further;
  expect(await of("argument passing")).toHaveLength(1);
  expect(await of("final layer")).toEqual([]);
});

it("lists the corrupted prompts, each with the analyses that ask them", async () => {
  const { data } = await platform.graphql<Loose>(
    "{ corruptions { id everyRun analyses { id corruption standard } } }",
  );
  const of = (id: string) => data.corruptions.find((each: { id: string }) => each.id === id);
  expect(of("SUBJECT").everyRun).toBe(true);
  expect(of("RELATION")).toEqual({
    id: "RELATION",
    everyRun: false,
    analyses: [{ id: "relation-patching", corruption: "RELATION", standard: true }],
  });
  expect(of("NOISE").analyses).toEqual([{ id: "noise-tracing", corruption: "NOISE", standard: false }]);
});

it("lists them, and refuses a run that names an unknown one", async () => {
  const { data } = await platform.graphql<Loose>(
    "{ furtherAnalyses { id title mechanism summary standard } }",
  );
  const standard = data.furtherAnalyses.filter((each: { standard: boolean }) => each.standard);
  expect(standard.map(({ id }: { id: string }) => id).sort()).toEqual([...DEFAULT_SETTINGS.analyses]);
  const { errors } = await platform.graphql<Loose>(
    `mutation { createRun(input: { model: "demo", task: "country-capital", settings: { analyses: ["magic"] } }) { created } }`,
  );
  expect(errors![0]!.message).toMatch(/attention-knockout/);
});
