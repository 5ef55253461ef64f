import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "../../src/results/receipt.ts";
import { estimateRun } from "../../src/runner/estimate-run.ts";
import { measureFacts } from "../../src/runner/measure-facts.ts";
import { openModel } from "../../src/runner/open-model.ts";
import { askRun } from "../../src/runner/run-task.ts";
import { loadTask } from "../../src/tasks/load-task.ts";
import type { Task } from "../../src/tasks/task.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const MODEL = "recall-gpt2-1m";
const MODELS = path.join(ROOT, "models");

const model = await openModel(MODEL, { modelsFolder: MODELS, cacheFolder: MODELS, offline: true }, 1);
afterAll(() => model.session.close());
const whole = await loadTask(path.join(ROOT, "tasks", "country-capital.json"));
const settings = { ...DEFAULT_SETTINGS, leadIns: 1, analyses: ["trajectories", "joint-effect"] };

/** Positions that the MLPs compute meanwhile: those of every layer that a pass goes through. */
async function rowsOf<T>(work: () => Promise<T>): Promise<[T, number]> {
  const run = model.session.runBlock.bind(model.session);
  let rows = 0;
  model.session.runBlock = (part, layer, inputs, outputs) => {
    if (part === "mlp" || part === "mlp-hidden") rows += outputs.mlp_out!.dims[0]!;
    return run(part, layer, inputs, outputs);
  };
  return [await work().finally(() => Object.assign(model.session, { runBlock: run })), rows];
}

const measured = async (task: Task) => {
  const asked = askRun(model, task, settings);
  return rowsOf(() => measureFacts(model, asked, { from: 0, to: asked.facts.length }));
};

it("counts what a run computes of facts that the model knows, exactly, and no less of others", async () => {
  // Two swapped capitals, so that not everything is known.
  const facts = whole.facts
    .slice(0, 14)
    .map((fact, i, all) => (i < 2 ? { ...fact, answer: all[1 - i]!.answer } : fact));
  const mixed = { ...whole, facts };
  const [found, rows] = await measured(mixed);
  const known = facts.filter((_, i) => found[i]!.known);
  expect(known.length).toBeGreaterThan(8);
  expect(known.length).toBeLessThan(facts.length);
  expect((await estimateRun(model, { model: MODEL, task: mixed, settings })).rows).toBeGreaterThan(rows);

  const task = { ...whole, facts: known };
  const [again, exact] = await measured(task);
  expect(again.every((fact) => fact.known)).toBe(true);
  const estimate = await estimateRun(model, { model: MODEL, task, settings });
  const prompts = again.reduce((sum, { outcomes }) => sum + outcomes.length, 0);
  expect(estimate).toMatchObject({ facts: known.length, prompts, rows: exact });
  const { layers, heads } = model.session.spec.facts;
  expect(estimate.passes).toBeGreaterThanOrEqual(prompts * (1 + 2 * layers * heads));
  expect(estimate.seconds).toBeGreaterThan(0);
  expect(estimate.bytes).toBeGreaterThan(0);
});

it("names what it does not count, and refuses what a run refuses", async () => {
  const { further } = await estimateRun(model, { model: MODEL, task: whole, settings });
  expect([...further].sort()).toEqual(["joint-effect", "trajectories"]);
  const wrong = { ...settings, shots: 9 };
  await expect(estimateRun(model, { model: MODEL, task: whole, settings: wrong })).rejects.toMatchObject({
    code: "BAD_SETTINGS",
  });
});
