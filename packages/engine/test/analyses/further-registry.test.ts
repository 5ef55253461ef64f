import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MECHANISMS } from "../../src/analyses/analysis.ts";
import { MEASURED_CORRUPTIONS } from "../../src/analyses/corruptions.ts";
import { FURTHER_ANALYSES, type FurtherId, figuresOf, STUDY_ANALYSES } from "../../src/analyses/index.ts";
import { DEFAULT_SETTINGS } from "../../src/results/receipt.ts";
import type { RunReport } from "../../src/results/report.ts";
import type { OpenModel } from "../../src/runner/open-model.ts";
import { runTask } from "../../src/runner/run-task.ts";
import { numbers } from "../support/numbers.ts";
import { buildModelM, openSynthetic, syntheticSettings } from "../synthetic/model-m-folder.ts";

const IDS = Object.keys(FURTHER_ANALYSES) as FurtherId[];

it("names its analyses by their ids, sorted by nothing but the registry, and the standard ones in the defaults", () => {
  for (const id of IDS) expect(FURTHER_ANALYSES[id].id).toBe(id);
  for (const [id, analysis] of Object.entries(STUDY_ANALYSES)) expect(analysis.id).toBe(id);
  expect(DEFAULT_SETTINGS.analyses).toEqual(IDS.filter((id) => FURTHER_ANALYSES[id].standard).sort());
});

it("knows an analysis for each kind of corrupted prompts that not every run asks", () => {
  for (const [id, { everyRun }] of Object.entries(MEASURED_CORRUPTIONS))
    expect(everyRun || IDS.some((each) => FURTHER_ANALYSES[each].corruption === id)).toBe(true);
});

describe("further analyses of a model that recalls by construction", () => {
  let model: OpenModel;
  let run: (facts: number) => Promise<RunReport>;
  const reports = new Map<number, RunReport>();
  beforeAll(async () => {
    const synthetic = await buildModelM({ facts: 10, frames: 2 });
    model = await openSynthetic(synthetic.folder);
    const settings = { ...syntheticSettings(), analyses: IDS, bootstrapSamples: 200, sweepPrompts: 2 };
    run = (facts) => {
      const [task, ...related] = synthetic.tasks.map((each) => ({
        ...each,
        facts: each.facts.slice(0, facts),
      }));
      return runTask(model, task!, settings, { related });
    };
    for (const facts of [3, 10]) reports.set(facts, await run(facts));
  });
  afterAll(() => model.session.close());

  it.each(IDS)("%s says what it is", (id) => {
    const { title, summary, mechanism } = FURTHER_ANALYSES[id];
    expect(title).toBeTruthy();
    expect(summary).toMatch(/\.$/);
    expect(MECHANISMS).toContain(mechanism);
  });

  it.each(IDS)("%s says which corrupted prompts it asks, as its report does", (id) => {
    for (const report of reports.values())
      expect(FURTHER_ANALYSES[id].corruption).toBe(
        (report.further![id] as { corruption?: string }).corruption,
      );
  });

  it.each(IDS)("%s gives finite numbers, on few facts and on enough, as plain data", (id) => {
    for (const report of reports.values()) {
      const own = report.further![id];
      expect(own).toBeDefined();
      const all = [...numbers(own)];
      expect(all.length).toBeGreaterThan(0);
      expect(all.filter(([, value]) => !Number.isFinite(value))).toEqual([]);
      expect(JSON.parse(JSON.stringify(own))).toEqual(own);
    }
  });

  it.each(IDS)("%s is drawn by figures that are complete", (id) => {
    for (const report of reports.values()) {
      const { layers, headsPerLayer } = report.argumentPassing;
      const figures = figuresOf(id, report.further![id] as never, { layers, headsPerLayer });
      expect(figures.length).toBeGreaterThan(0);
      expect(new Set(figures.map((figure) => figure.id)).size).toBe(figures.length);
      for (const figure of figures) {
        for (const text of [figure.title, figure.unitText, figure.meaning, figure.formula, figure.source])
          expect(text).toBeTruthy();
        if (figure.kind === "HEADS") expect(figure.cells).toHaveLength(layers * headsPerLayer);
        if (figure.kind === "LINES")
          for (const { points } of figure.series) expect(points).toHaveLength(figure.ticks.length);
        expect([...numbers(figure)].filter(([, value]) => !Number.isFinite(value))).toEqual([]);
      }
    }
  });

  it("give the same report twice", async () => {
    const again = await run(3);
    expect(again.further).toEqual(reports.get(3)!.further);
  });
});
