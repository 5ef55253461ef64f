import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS, KNOWN_FILTERS, type RunSettings } from "../../src/results/receipt.ts";
import { knownFacts } from "../../src/runner/known-facts.ts";
import { openModel } from "../../src/runner/open-model.ts";
import { runTask } from "../../src/runner/run-task.ts";
import { loadTask } from "../../src/tasks/load-task.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const MODELS = path.join(ROOT, "models");

describe("what a model knows of a task", async () => {
  const folder = path.join(MODELS, "recall-gpt2-1m");
  const model = await openModel(folder, { modelsFolder: MODELS, cacheFolder: folder, offline: true }, 1);
  afterAll(() => model.session.close());
  const whole = await loadTask(path.join(ROOT, "tasks", "country-capital.json"));
  // Two swapped capitals, so that not everything is known, and one fact that cannot be asked.
  const facts = whole.facts
    .slice(0, 9)
    .map((fact, i, all) => (i < 2 ? { ...fact, answer: all[1 - i]!.answer } : fact));
  const task = { ...whole, facts: [...facts, { subject: "Lima City", answer: "Lima" }] };
  const settings: RunSettings = { ...DEFAULT_SETTINGS, analyses: [], bootstrapSamples: 100, shots: 1 };

  it("is what a run finds, fact by fact and for every filter", async () => {
    const known = await knownFacts(model, task, settings);
    expect(known.facts.map(({ subject }) => subject)).toEqual(facts.map(({ subject }) => subject));
    expect(known.dropped.map(({ subject }) => subject)).toEqual(["Lima City"]);
    expect(known.candidates).toBe(9);
    for (const knownFilter of KNOWN_FILTERS) {
      const report = await runTask(model, task, { ...settings, knownFilter });
      const of = (subject: string) => report.task.facts.find((fact) => fact.subject === subject)!;
      expect(known.facts.map((fact) => fact.known[knownFilter])).toEqual(
        facts.map((fact) => of(fact.subject).known),
      );
    }
    expect(known.facts[0]!.known.TOP1).toBe(false);
    expect(known.facts[2]!.known.TOP1).toBe(true);
    const [swapped, right] = [known.facts[0]!.prompts, known.facts[2]!.prompts];
    expect(swapped.every(({ rank, candidateRank }) => rank >= candidateRank && candidateRank > 0)).toBe(true);
    expect(right.filter(({ rank }) => rank === 0).every(({ top }) => top.trim() === "New")).toBe(true);
  });

  it("is not found out when cancelled, or with settings that are not allowed", async () => {
    await expect(knownFacts(model, task, settings, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "CANCELLED",
    });
    await expect(knownFacts(model, task, { ...settings, leadIns: 99 })).rejects.toMatchObject({
      code: "BAD_SETTINGS",
    });
  });
});
