import { DEFAULT_SETTINGS, type LabeledArray, type RunReport, type Task } from "@recallscope/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { saveRun } from "../src/runs/save-run.ts";
import { comparableReport } from "./support/comparable-report.ts";
import { type Loose, type TestPlatform, testPlatform } from "./support/platform.ts";

let platform: TestPlatform;
let id: string;
let report: RunReport;

/** Of prompts 4 and 5 (fact 2): state s of prompt p holds p + s / 10. */
const lensArray = (which: string, unit: "rank" | "probability"): LabeledArray => ({
  name: `lens.${which}.${unit}`,
  unit,
  axes: [
    { dim: "prompt", labels: ["4", "5"] },
    { dim: "state", labels: ["L0.pre", "L0.post", "L1.post"] },
  ],
  values: Float32Array.of(4, 4.1, 4.2, 5, 5.1, Number.NaN),
});

beforeAll(async () => {
  platform = await testPlatform();
  const { prisma } = platform.services;
  const { content } = await prisma.task.findFirstOrThrow({ where: { slug: "country-capital" } });
  const task = content as unknown as Task;
  report = comparableReport("demo", task, { ...DEFAULT_SETTINGS, analyses: [] }, 5, { unknown: [1] });
  report.arrays = [
    ...report.arrays.filter(({ name }) => name !== "lens.answer.probability"),
    ...["subject", "answer"].flatMap((which) => [lensArray(which, "rank"), lensArray(which, "probability")]),
  ];
  const places = { modelsFolder: platform.models, base: platform.models };
  ({ id } = await saveRun(prisma, { task, related: [], report }, places));
});
afterAll(() => platform.stop());

const NUMBERS = `query ($id: ID!, $index: Int!) { run(id: $id) { promptCount promptNumbers(index: $index) {
  prompt { index frame }
  lens { states subject { rank } answer { probability } }
  heads { layers headsPerLayer clean corrupted noising denoising effect reason attentionToSubject }
} } }`;
const numbers = async (index: number) => {
  const { data, errors } = await platform.graphql<Loose>(NUMBERS, { id, index });
  expect(errors).toBeUndefined();
  return data.run.promptNumbers;
};
/** Values of one prompt in a stored array. */
function stored(name: string, prompt: number): number[] {
  const { axes, values } = report.arrays.find((array) => array.name === name)!;
  const size = values.length / axes[0]!.labels.length;
  const at = axes[0]!.labels.indexOf(String(prompt));
  return [...values.slice(at * size, (at + 1) * size)];
}

describe("promptNumbers", () => {
  it("gives the effects of one pair, normalised by its own logit differences", async () => {
    const { prompt, heads } = await numbers(4);
    expect(prompt).toEqual({ index: 4, frame: report.prompts[4]!.frame });
    const [clean] = stored("patching.clean", 4);
    const [corrupted] = stored("patching.corrupted", 4);
    expect(heads).toMatchObject({ layers: 2, headsPerLayer: 3, clean, corrupted, reason: null });
    const noising = stored("patching.noising", 4).map(
      (patched) => (clean! - patched) / (clean! - corrupted!),
    );
    const denoising = stored("patching.denoising", 4).map(
      (patched) => (patched - corrupted!) / (clean! - corrupted!),
    );
    expect(noising.length).toBe(6);
    for (const [at, value] of noising.entries()) {
      expect(heads.noising[at]).toBeCloseTo(value, 10);
      expect(heads.denoising[at]).toBeCloseTo(denoising[at]!, 10);
      expect(heads.effect[at]).toBeCloseTo((value + denoising[at]!) / 2, 10);
    }
    expect(heads.attentionToSubject).toBeNull();
  });

  it("gives the lens state by state; what was not observed is null", async () => {
    const { lens } = await numbers(5);
    expect(lens.states).toEqual(["L0.pre", "L0.post", "L1.post"]);
    expect(lens.subject.rank[0]).toBe(5);
    expect(lens.answer.probability[1]).toBeCloseTo(5.1, 5);
    expect(lens.answer.probability[2]).toBeNull();
  });

  it("has neither for prompts of facts that the model does not know", async () => {
    const unknown = report.prompts.find(({ known }) => !known)!;
    expect(await numbers(unknown.index)).toMatchObject({
      prompt: { index: unknown.index },
      lens: null,
      heads: null,
    });
  });

  it("is null for a prompt that the run does not have; promptCount says how many it has", async () => {
    expect(await numbers(report.prompts.length)).toBeNull();
    expect(await numbers(-1)).toBeNull();
    const { data } = await platform.graphql<Loose>(`query ($id: ID!) { run(id: $id) { promptCount } }`, {
      id,
    });
    expect(data.run.promptCount).toBe(report.prompts.length);
  });
});
