import { DEFAULT_SETTINGS, type RunReport, type Task } from "@recallscope/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { saveRun } from "../src/runs/save-run.ts";
import { comparableReport } from "./support/comparable-report.ts";
import { type Loose, type TestPlatform, testPlatform } from "./support/platform.ts";

let platform: TestPlatform;
let id: string;
let report: RunReport;
beforeAll(async () => {
  platform = await testPlatform();
  const { prisma } = platform.services;
  const { content } = await prisma.task.findFirstOrThrow({ where: { slug: "country-capital" } });
  const task = content as unknown as Task;
  report = comparableReport("demo", task, { ...DEFAULT_SETTINGS, analyses: [] }, 5, { unknown: [1] });
  report.argumentPassing.heads[4]!.attentionToSubject = {
    value: null,
    low: null,
    high: null,
    n: 0,
    reason: "no pair",
  };
  const places = { modelsFolder: platform.models, base: platform.models };
  ({ id } = await saveRun(prisma, { task, related: [], report }, places));
});
afterAll(() => platform.stop());

const RESULTS = `query ($id: ID!, $name: String!, $where: [AxisSlice!], $facts: [Int!], $fold: ArrayFold) { run(id: $id) {
  results(name: $name, where: $where, facts: $facts, fold: $fold) { name unit axes { dim labels } values counts } } }`;
const results = async (variables: Record<string, unknown>) => {
  const { data, errors } = await platform.graphql<Loose>(RESULTS, {
    id,
    name: "patching.noising",
    ...variables,
  });
  expect(errors).toBeUndefined();
  return data.run.results;
};
const array = (name: string) => report.arrays.find((own) => own.name === name)!;
/** One number of the stored array, by the prompt's index. */
const noising = (prompt: number, layer: number, head: number): number => {
  const { axes, values } = array("patching.noising");
  return values[(axes[0]!.labels.indexOf(String(prompt)) * 2 + layer) * 3 + head]!;
};

describe("results", () => {
  it("are named by the list of arrays, with their axes", async () => {
    const { data } = await platform.graphql<Loose>(
      `query ($id: ID!) { run(id: $id) { arrays { name shape axes { dim labels } } } }`,
      { id },
    );
    const listed = data.run.arrays.find(({ name }: Loose) => name === "patching.noising");
    expect(listed.shape).toEqual([18, 2, 3]);
    expect(listed.axes.map(({ dim }: Loose) => dim)).toEqual(["prompt", "layer", "head"]);
    expect((await results({})).axes).toEqual(listed.axes);
  });

  it("are sliced by labels and ranges", async () => {
    const slice = await results({
      where: [
        { axis: "prompt", labels: ["7", "0"] },
        { axis: "head", from: "1" },
        { axis: "layer", to: "0" },
      ],
    });
    expect(slice).toEqual({
      name: "patching.noising",
      unit: "logit",
      axes: [
        { dim: "prompt", labels: ["7", "0"] },
        { dim: "layer", labels: ["0"] },
        { dim: "head", labels: ["1", "2"] },
      ],
      values: [noising(7, 0, 1), noising(7, 0, 2), noising(0, 0, 1), noising(0, 0, 2)],
      counts: null,
    });
  });

  it("are chosen by fact and folded over its prompts", async () => {
    const slice = await results({
      facts: [4, 0],
      where: [{ axis: "head", labels: ["2"] }],
      fold: { over: ["prompt"], by: "MEAN" },
    });
    expect(slice.counts).toEqual([4, 4]);
    for (const layer of [0, 1])
      expect(slice.values[layer]).toBeCloseTo(
        [0, 1, 8, 9].reduce((sum, prompt) => sum + noising(prompt, layer, 2), 0) / 4,
        12,
      );
    // Fact 1 is not known: none of its prompts was patched.
    expect(await results({ facts: [1], fold: { over: ["prompt", "layer"], by: "SUM" } })).toMatchObject({
      values: [null, null, null],
      counts: [0, 0, 0],
    });
  });

  it("leave out what was not observed", async () => {
    const slice = await results({ name: "effects", fold: { over: ["head"], by: "SUM" } });
    expect(slice.counts).toEqual([1, 2]);
    expect(slice.values[0]).toBe(array("effects").values[0]);
    expect((await results({ name: "effects" })).values[1]).toBeNull();
  });

  it.each([
    ["another name", { name: "patching.noise" }, "NOT_FOUND", /effects, patching\.noising/],
    ["another axis", { where: [{ axis: "token" }] }, "BAD_USER_INPUT", /prompt, layer, head/],
    ["another label", { where: [{ axis: "head", labels: ["3"] }] }, "BAD_USER_INPUT", /there are: 0, 1, 2/],
    ["a fact that was not asked", { facts: [10] }, "BAD_USER_INPUT", /allowed: 0 to 9/],
    ["facts of an array without prompts", { name: "effects", facts: [0] }, "BAD_USER_INPUT", /layer, head/],
    ["facts and prompts", { facts: [0], where: [{ axis: "prompt", to: "3" }] }, "BAD_USER_INPUT", /not both/],
    ["another fold", { fold: { over: ["head"], by: "MEDIAN" } }, "BAD_USER_INPUT", /MEDIAN/],
  ])("refuse %s, and say what there is", async (_, variables, code, message) => {
    const { errors } = await platform.graphql<Loose>(RESULTS, { id, name: "patching.noising", ...variables });
    expect(errors?.[0]).toMatchObject({ message: expect.stringMatching(message), extensions: { code } });
  });

  it("refuse more values than one answer may hold", async () => {
    const { prisma } = platform.services;
    const labels = Array.from({ length: 400 }, (_, i) => String(i));
    await prisma.runArray.create({
      data: {
        runId: id,
        index: 99,
        name: "large",
        unit: "logit",
        axes: [
          { dim: "prompt", labels },
          { dim: "position", labels },
        ],
        values: new Uint8Array(400 * 400 * 4),
      },
    });
    const { errors } = await platform.graphql<Loose>(RESULTS, { id, name: "large" });
    expect(errors?.[0]?.message).toMatch(/160000 values \(allowed: up to 100000\)/);
    expect((await results({ name: "large", fold: { over: ["position"], by: "MAX" } })).values).toHaveLength(
      400,
    );
  });
});

describe("lists of a mechanism", () => {
  const ask = async (fields: string): Promise<Loose> => {
    const { data, errors } = await platform.graphql<Loose>(
      `query ($id: ID!) { run(id: $id) { ${fields} } }`,
      { id },
    );
    expect(errors).toBeUndefined();
    return data.run;
  };
  const labels = (list: Loose) => list.map(({ label }: Loose) => label);

  it("give heads by what they do, those without a number last", async () => {
    const { argumentPassing: a } = await ask(`argumentPassing {
      effect: heads(orderBy: EFFECT, first: 2) { label rank }
      attention: heads(orderBy: ATTENTION) { label }
      movers: heads(mover: true) { label } others: heads(mover: false, layer: 1) { label } none: heads(first: 0) { label } }`);
    expect(a.effect.map(({ rank }: Loose) => rank)).toEqual([0, 1]);
    const { heads, movers } = report.argumentPassing;
    const value = (label: string) => heads.find((head) => head.label === label)!.attentionToSubject.value;
    const seen = labels(a.attention).map(value);
    expect(seen.slice(0, -1)).toEqual(seen.slice(0, -1).toSorted((x: number, y: number) => y - x));
    expect([seen.at(-1), seen.length]).toEqual([null, heads.length]);
    expect(labels(a.movers)).toEqual(movers);
    expect(labels(a.others)).toEqual(["L1H0", "L1H1", "L1H2"].filter((label) => !movers.includes(label)));
    expect(a.none).toEqual([]);
  });

  it("are cut and filtered where they are long", async () => {
    const run =
      await ask(`taskReport { known: facts(known: true) { index } two: facts(first: 2) { index } dropped(first: 0) { reason } }
      prediction { directLogitAttribution { biases: components(kind: ATTN_BIAS, orderBy: ANSWER, first: 3) { label } mlps: components(kind: MLP) { label } } }
      mlpActivation { decompositions(regressors: R1) { none: weights(verdict: [ERASED, INVERTED]) { label } all: weights(orderBy: SIZE, first: 5) { label } } }
      functionApplication { intercepts { top(first: 0) { text } bottom { text } } }
      finalLayer { suppressors: heads(suppressor: true, orderBy: DLA_ANSWER) { label } others: heads(suppressor: false) { label } sweeps(target: MLP) { target } }`);
    expect(run.taskReport.known.map(({ index }: Loose) => index)).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(run.taskReport.two).toHaveLength(2);
    expect(run.taskReport.dropped).toEqual([]);
    expect(labels(run.prediction.directLogitAttribution.biases)).toEqual(["L0.attn_bias"]);
    expect(run.prediction.directLogitAttribution.mlps).toEqual([]);
    expect(run.mlpActivation.decompositions[0]).toEqual({ none: [], all: [{ label: "L1H0" }] });
    expect(run.functionApplication.intercepts[0]).toEqual({ top: [], bottom: [{ text: " cat" }] });
    expect(run.finalLayer).toEqual({ suppressors: [{ label: "L1H0" }], others: [], sweeps: [] });
  });
});
