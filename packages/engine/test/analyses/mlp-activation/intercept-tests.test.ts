import { afterAll, describe, expect, it } from "vitest";
import { interceptTests } from "../../../src/analyses/mlp-activation/intercept-tests.ts";
import { NEUTRAL_CLAUSES } from "../../../src/tasks/counterfactuals/neutral-clauses.ts";
import { runsOfM, unobservable } from "./run-on.ts";

const WORDS = ["table", "mug", "free"];
/** Two-frame prompts, so that frames can be compared; V = 20 + 3 words. */
const V = 23;

describe("intercepts of model M with two relations", async () => {
  const { model, runs } = await runsOfM({ facts: 5, frames: 2, words: WORDS }, { sweepPrompts: 1 });
  afterAll(() => model.session.close());
  const report = await interceptTests.run(runs);
  const [layer] = report.layers;
  const into = (target: string) =>
    report.transplants.find(({ source, target: own }) => source === "relation-0" && own === target)!;
  const condition = (target: string, vector: string, mode: string, alpha = 1) =>
    into(target).conditions.find((own) => own.vector === vector && own.mode === mode && own.alpha === alpha)!;

  it("are compared at the headline layer of both tasks", () => {
    expect(report.tasks).toMatchObject([
      { taskId: "relation-0", facts: 5, prompts: 10, headlineLayer: 0 },
      { taskId: "relation-1", facts: 5, prompts: 10, headlineLayer: 0 },
    ]);
    expect(report.layers).toHaveLength(1);
    expect(unobservable(report)).toEqual([]);
    expect(layer!.headlineOf).toEqual(["relation-0", "relation-1"]);
    // Intercepts of the tasks have nothing in common; frames of a task have the same one; MLP1 always writes "the".
    expect(layer!.cosines[0]![1]).toBeCloseTo(0, 5);
    expect(layer!.tasks[0]!.frames).toMatchObject({ count: 2 });
    expect(layer!.tasks[0]!.frames.minCosine).toBeCloseTo(1, 5);
    expect(report.tasks[0]!.layerCosines).toEqual([expect.closeTo(1, 5), expect.closeTo(0, 5)]);
  });

  it("give .9 - 4.5 / V on their answers, less than the mean MLP output", () => {
    expect(layer!.tasks[0]!.gain).toBeCloseTo(0.9 - 4.5 / V, 4);
    expect(layer!.tasks[0]!.gainOfMean).toBeCloseTo(0.9 - 3.6 / V, 4);
    expect(layer!.tasks[0]!.gainJoint).toBeCloseTo(0.9 - 4.5 / V, 4);
    expect(layer!.tasks[0]!.interceptNorm).toBeCloseTo(0.9 * Math.sqrt(2 * 5), 4);
    expect(layer!.joint.weights[0]!.weight).toBeCloseTo(-0.5, 4);
    expect(layer!.joint.weights[1]).toMatchObject({ head: "L0H1", weight: null, perTask: [null, null] });
  });

  it("have typed nulls for what two tasks and this vocabulary cannot tell", () => {
    expect(layer!.crossTask).toMatchObject({
      ...{ intercept: null, heldOut: null, mean: null, permutations: 0 },
      reason: "2 tasks with disjoint answers (3 needed)",
    });
    expect(layer!.tasks[0]!.generic).toMatchObject({
      gain: null,
      reason: "no generic prompt fits the model",
    });
    expect(layer!.tasks[0]!.random.z).toBeNull();
  });

  it("transplanted, raise every answer of their relation by .6975 and none over the others", () => {
    const { answer, candidates, rankAfter } = condition("relation-1", "INTERCEPT", "ADD");
    expect(answer.value).toBeCloseTo(0.6975 * (1 - 5 / V), 4);
    expect(candidates.value).toBeCloseTo(0.6975 * (1 - 5 / V), 4);
    expect(rankAfter.value).toBe(0);
    expect(condition("relation-1", "INTERCEPT", "ADD", 4).answer.value).toBeCloseTo(
      4 * 0.6975 * (1 - 5 / V),
      4,
    );
    // Another task's intercept raises its own answers instead, and so the vocabulary's mean.
    expect(condition("relation-1", "OTHER", "ADD").answer.value).toBeCloseTo((-0.6975 * 5) / V, 4);
    expect(condition("relation-1", "OTHER", "ADD").from).toBe("relation-1");
    // In place of m: the other relation's answer (4.5 x .775) goes, and the subject's token gets its .9 back.
    expect(condition("relation-1", "INTERCEPT", "REPLACE").answer.value).toBeCloseTo(
      0.6975 - (5 * 0.6975 - 3.4875 + 0.9) / V,
      4,
    );
    // Also in place of MLP1, which writes on "the".
    expect(condition("relation-1", "INTERCEPT", "REPLACE_FOLLOWING").answer.value).toBeCloseTo(
      0.6975 + 0.9 - (5 * (0.6975 + 0.9) - 3.4875 + 0.9 - 3) / V,
      3,
    );
    expect(into("relation-1")).toMatchObject({ layer: 0, facts: 5, prompts: 5 });
  });

  it("compares with random vectors, which move the answers of all facts apart but not together", () => {
    const { answer, candidates } = condition("relation-1", "RANDOM", "ADD");
    expect(answer.high! - answer.low!).toBeGreaterThan(0.1);
    expect(candidates.value).toBeCloseTo(0, 4);
  });

  it("puts the subject into repeated words too", () => {
    expect(into("repetition")).toMatchObject({ facts: 5, prompts: 5 });
    expect(condition("repetition", "INTERCEPT", "ADD").candidates.value!).toBeGreaterThan(0.5);
  });
});

describe("intercepts of model M with three relations of eight facts", async () => {
  const generic = NEUTRAL_CLAUSES.flatMap(({ text }) =>
    `${text.charAt(0).toUpperCase()}${text.slice(1)}`.split(" "),
  );
  const words = [...new Set(generic)].filter((word) => word !== "the" && word !== "of");
  const { model, runs } = await runsOfM({ facts: 8, relations: 3, words });
  afterAll(() => model.session.close());
  const report = await interceptTests.run(runs);
  const [layer] = report.layers;
  const vocabulary = model.summary.vocabulary;

  it("favour the own task in sample by 4.5 / 8, not on facts they have not seen, and no more than permuted facts", () => {
    const { intercept, heldOut, mean, permutations, tasks, leftOut } = layer!.crossTask;
    expect([tasks.length, leftOut.length, permutations]).toEqual([3, 0, 999]);
    for (const [t, row] of intercept!.matrix.entries())
      for (const [other, value] of row.entries())
        expect(value).toBeCloseTo((t === other ? 4.5 / 8 : 0) - 4.5 / vocabulary, 4);
    expect(intercept!.statistic).toBeCloseTo(4.5 / 8, 4);
    expect(mean!.statistic).toBeCloseTo(4.5 / 8, 4);
    // M looks facts up: whatever facts stand together, their mean holds their answers. No task vector, and the test says so.
    expect(intercept!.pValue).toBe(1);
    expect(heldOut!.statistic).toBeCloseTo(0, 4);
    expect(heldOut!.pValue).toBeGreaterThan(0.05);
  });

  it("reads generic prompts with the task's own w", () => {
    const { generic } = layer!.tasks[0]!;
    expect(generic).toMatchObject({ prompts: NEUTRAL_CLAUSES.length });
    // No gate opens without a subject: the MLP adds nothing there.
    expect(generic.gain).toBeCloseTo(0, 4);
    expect(generic.gainOfDifference).toBeCloseTo(layer!.tasks[0]!.gain, 4);
  });

  it("leave out tasks that share an answer, and say which", async () => {
    const [a, b, c] = runs;
    const facts = b!.context.facts.map((fact, i) =>
      i === 0 ? { ...fact, answerToken: a!.context.facts[0]!.answerToken } : fact,
    );
    const shared = await interceptTests.run([a!, { ...b!, context: { ...b!.context, facts } }, c!]);
    expect(shared.layers[0]!.crossTask).toMatchObject({
      tasks: ["relation-0", "relation-2"],
      leftOut: [{ taskId: "relation-1", reason: "shares an answer's first token with relation-0" }],
      intercept: null,
    });
  });
});
