import { describe, expect, it } from "vitest";
import { type Analysis, MECHANISMS } from "../../src/analyses/analysis.ts";
import { ANALYSES } from "../../src/analyses/index.ts";
import type { PassResult } from "../../src/planner/forward-pass.ts";
import { numbers } from "../support/numbers.ts";
import { aggregationOf, analyse, modelM, taskOfM } from "./model-m.ts";
import { runToy } from "./toy-model.ts";

const copy = (results: PassResult[][]) =>
  results.map((passes) =>
    passes.map(({ captures }) => [...captures].map(([hook, data]) => [hook, [...data]])),
  );

describe.each(Object.entries(ANALYSES) as [string, Analysis<unknown, unknown>][])("%s", (_, analysis) => {
  it("says what it is", () => {
    expect(analysis.id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(analysis.title).toBeTruthy();
    expect(analysis.summary).toMatch(/\.$/);
    expect(MECHANISMS).toContain(analysis.mechanism);
  });

  it("asks for its passes as plain data, the same each time", () => {
    const { context, facts } = taskOfM(modelM(5), 5);
    const passes = analysis.passes(facts[0]!.prompts[0]!, context);
    expect(passes.length).toBeGreaterThan(0);
    expect(structuredClone(passes)).toEqual(analysis.passes(facts[0]!.prompts[0]!, context));
    for (const { edits } of passes) {
      for (const edit of edits ?? []) {
        if (edit.value && !(edit.value instanceof Float32Array)) {
          expect(passes[edit.value.pass], "value from a pass of the same list").toBeDefined();
        }
      }
    }
  });

  it("leaves the activations as they are", async () => {
    const model = modelM(5);
    const { context, facts } = taskOfM(model, 5);
    const results = facts[0]!.prompts.map((prompt) => runToy(model.toy, analysis.passes(prompt, context)));
    const before = copy(results);
    await analysis.measure(facts[0]!, results, context);
    expect(copy(results)).toEqual(before);
  });

  it.each([1, 2, 5, 10])("gives finite numbers on %s facts", async (count) => {
    const F = Math.max(count, 5);
    const model = modelM(F);
    const { context, facts } = taskOfM(model, F);
    const report = await analyse(analysis, model.toy, { context, facts: facts.slice(0, count) });
    const all = [...numbers(report)];
    expect(all.length).toBeGreaterThan(0);
    expect(all.filter(([, value]) => !Number.isFinite(value))).toEqual([]);
  });

  it("gives the same report twice", async () => {
    const model = modelM(8);
    const task = taskOfM(model, 8);
    expect(await analyse(analysis, model.toy, task)).toEqual(await analyse(analysis, model.toy, task));
  });

  it("does not depend on the order of a fact's prompts", async () => {
    const model = modelM(5);
    const { context, facts } = taskOfM(model, 5);
    const several = facts.map((fact, f) => ({
      ...fact,
      prompts: [0, 1].map((t) => ({
        ...fact.prompts[0]!,
        index: 2 * f + t,
        tokens: [model.tokens.bos, model.tokens.relation(t), model.tokens.subject(f), model.tokens.end],
      })),
    }));
    const reversed = several.map((fact) => ({ ...fact, prompts: [...fact.prompts].reverse() }));
    const values = async (own: typeof several) =>
      [...numbers(await analyse(analysis, model.toy, { context, facts: own }))].filter(
        ([path]) => !/arrays|excludedPairs|^\.\d/.test(path),
      );
    const [a, b] = [await values(several), await values(reversed)];
    expect(b.map(([path]) => path)).toEqual(a.map(([path]) => path));
    for (const [i, [path, value]] of a.entries()) expect(b[i]![1], path).toBeCloseTo(value, 5);
  });

  it("has nothing to aggregate from no facts, without failing", async () => {
    const { context } = taskOfM(modelM(5), 5);
    const report = await analysis.aggregate([], aggregationOf(context, []));
    expect([...numbers(report)].filter(([, value]) => !Number.isFinite(value))).toEqual([]);
  });
});
