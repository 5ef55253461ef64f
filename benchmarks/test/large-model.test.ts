import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openModel } from "../../packages/engine/src/runner/open-model.ts";
import { runTask } from "../../packages/engine/src/runner/run-task.ts";
import { plantAnswers } from "../src/large/plant-answers.ts";
import { LARGE_SHAPES, type LargeShape, tensorsOf } from "../src/large/shapes.ts";
import { largeSettings, largeTask, MODELS } from "../src/large/task.ts";
import { writeLargeModel } from "../src/large/write-model.ts";

const SMALL = { layers: 4, heads: 4, width: 64, mlpWidth: 640, vocabulary: 2000, positions: 64 };

describe.each(["gpt2", "llama", "opt"] as const)("a random model of the %s family", async (family) => {
  const folder = await mkdtemp(path.join(tmpdir(), "recallscope-large-"));
  afterAll(() => rm(folder, { recursive: true }));

  it("knows the facts of the task, and is run in less memory than it needs", async () => {
    const shape: LargeShape = { family, ...SMALL };
    await writeLargeModel(folder, shape, path.join(MODELS, `recall-${family}`));
    const settings = largeSettings([]);
    const task = await largeTask(folder, shape.positions);
    const places = { modelsFolder: folder, offline: true };
    const before = await openModel(folder, places, 1);
    const { weightHash } = before.summary;
    const { least } = before.session.weightNeed;
    await before.session.close();
    await plantAnswers(folder, task, settings, 1);
    const model = await openModel(folder, places, 1, { maxMemory: 2 ** 25 + least });
    expect(model.summary.weightHash).not.toBe(weightHash);
    const { task: asked } = await runTask(model, task, { ...settings, bootstrapSamples: 100 });
    expect(asked.facts).toHaveLength(15);
    expect(asked.facts.every(({ known }) => known)).toBe(true);
    const { weightNeed, weightMemory } = model.session;
    expect(weightMemory.peak).toBeLessThanOrEqual(least);
    expect(weightMemory.read).toBeGreaterThan(2 * weightNeed.whole);
    await model.session.close();
  });
});

it("has the parameters of the published models", () => {
  const parameters = (shape: LargeShape) =>
    tensorsOf(shape).reduce((sum, { shape: dims }) => sum + dims.reduce((a, b) => a * b, 1), 0);
  expect(parameters(LARGE_SHAPES["llama-2-7b"])).toBe(6_738_415_616);
  expect(parameters(LARGE_SHAPES["gpt2-xl"])).toBe(1_557_611_200);
  expect(parameters(LARGE_SHAPES["opt-1.3b"])).toBe(1_315_758_080);
});
