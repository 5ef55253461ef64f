import { describe, expect, it } from "vitest";
import type { RunReport } from "../../src/results/report.ts";
import { taskSchema } from "../../src/tasks/task.ts";
import { buildModelM, openSynthetic, runSynthetic } from "./model-m-folder.ts";

const V = 20;
const head = (report: RunReport, label: string) =>
  report.argumentPassing.heads.find((one) => one.label === label)!;
const close = (actual: number | null | undefined, expected: number) => {
  expect(actual).not.toBeNull();
  expect(Math.abs(actual! - expected), `${actual} (expected ${expected})`).toBeLessThan(1e-4);
};

describe("model M as a folder", async () => {
  const model = await buildModelM();
  const report = await runSynthetic(model);

  it("asks with exactly [BOS, relation, subject, end], whatever the relation", () => {
    expect(report.prompts.map(({ tokens }) => tokens)).toEqual(
      [0, 1, 2, 3, 4].map((f) => model.prompt(0, f)),
    );
    expect(report.receipt.model).toMatchObject({ architecture: "opt", layers: 2, heads: 3, vocabulary: V });
    expect(report.task).toMatchObject({ factsKnown: 5, factsAdmitted: 5, sufficient: false, dropped: [] });
    for (const task of model.tasks) expect(taskSchema.parse(task)).toEqual(task);
  });

  it("is computed to float32 accuracy in spite of its ballast", () => {
    expect(report.receipt.model.selfCheck.passed).toBe(true);
    expect(report.prediction.directLogitAttribution.completenessError).toBeLessThan(1e-5);
    close(report.prediction.probability.value, 0.4526566);
    for (const prompt of report.prompts) close(prompt.centredLogit, 3.4875 - (3.4875 + 3 + 0.9) / V);
  });

  it("looks from the last position, not from the subject or on average", () => {
    const uniform = 1 / 30;
    const expected = { L0H0: 0.9, L0H1: uniform, L0H2: 0.25, L1H0: uniform, L1H1: uniform, L1H2: 0.25 };
    for (const [label, value] of Object.entries(expected))
      close(head(report, label).attentionToSubject.value, value);
    close(head(report, "L0H0").valueWeightedShare.value, 1);
    close(head(report, "L0H1").valueWeightedShare.value, 0);
    expect(head(report, "L0H2").valueWeightedShare).toMatchObject({
      value: null,
      reason: "the head writes nothing",
    });
  });

  it("attributes the subject to the mover and the answer to neither mover nor relation head", () => {
    close(head(report, "L0H0").dlaSubject.value, 1.8 - 1.8 / V);
    close(head(report, "L0H0").dlaAnswer.value, -1.8 / V);
    close(head(report, "L0H1").dlaSubject.value, 0);
    close(head(report, "L1H0").dlaAnswer.value, -2.025 * (1 - 1 / V));
    close(head(report, "L1H1").dlaAnswer.value, 1.0125 * (1 - 1 / V));
    // Against the other candidates nothing is centred: MLP0 carries 4.5 of the answer, MLP1 0 (and not 3).
    const answer = (label: string) =>
      report.prediction.directLogitAttribution.components.find((one) => one.label === label)!.answer.value;
    close(answer("MLP0"), 4.5);
    close(answer("L0H0"), 0);
    close(answer("L1H0"), -2.025);
    close(answer("MLP1"), 0);
  });

  it("reads subject, then answer through the lens, and loses half of the answer at the end", () => {
    const { states, answer, subject } = report.prediction.lens;
    expect(states.map(({ label }) => label)).toEqual(["L0.pre", "L0.mid", "L0.post", "L1.mid", "L1.post"]);
    const raw = [
      { s: 0, y: 0, the: 0 },
      { s: 1.8, y: 0, the: 0 },
      { s: 0.9, y: 4.5, the: 0 },
      { s: 0.9, y: 3.4875, the: 0 },
      { s: 0.9, y: 3.4875, the: 3 },
    ];
    for (const [state, { s, y, the }] of raw.entries()) {
      const mean = (s + y + the) / V;
      close(subject.centredLogit[state]!.value, s - mean);
      close(answer.centredLogit[state]!.value, y - mean);
    }
    // Argument peak at L0.mid, crossover at L0.post.
    expect(subject.medianRank.slice(1)).toEqual([0, 1, 1, 2]);
    expect(answer.medianRank.slice(1)).toEqual([1, 0, 0, 0]);
    close(answer.probability[2]!.value, 0.8148062);
    close(answer.probability[4]!.value, 0.4526566);
  });

  it("finds the same effect in both directions of patching, and not effects that add up to 1", () => {
    const { cleanMetric, corruptedMetric, heads, pairs } = report.argumentPassing;
    close(cleanMetric.value, 3.4875);
    close(corruptedMetric.value, -3.4875);
    expect(pairs).toBe(5);
    for (const [i, expected] of [1, 0, 0, -0.580645, 0.290323, 0].entries()) {
      close(heads[i]!.noising.value, expected);
      close(heads[i]!.denoising.value, expected);
      close(heads[i]!.effect.value, expected);
    }
    // Five facts name no mover.
    expect(report.argumentPassing.movers).toEqual([]);
  });

  it("splits the final layer, whose change is ln(.4526566 / .8148062) = -.587817", () => {
    const { finalLayer } = report;
    expect(finalLayer.logProbChange.value).toBeCloseTo(-0.587817, 5);
    expect(finalLayer.rankChange.value).toBe(0);
    const [before, heads, mlp, both] = [0.8148062, 0.615158, 0.694779, 0.4526566].map(Math.log) as [
      number,
      number,
      number,
      number,
    ];
    close(finalLayer.headPart.value, (heads - before + both - mlp) / 2);
    close(finalLayer.mlpPart.value, (mlp - before + both - heads) / 2);
    close(finalLayer.scalePart.value, 0);
    close(finalLayer.heads[0]!.dlaAnswer.value, -2.025 * (1 - 1 / V));
    close(finalLayer.heads[0]!.dlaCandidates.value, 2.025 / V);
    close(finalLayer.mlpDla.value, -3 / V);
  });

  it("sweeps alpha: p rises when heads or MLP are scaled down, and alpha* is 0", () => {
    const expected = {
      HEADS: [0.694779, 0.578424, 0.452657, 0.332657],
      MLP: [0.615158, 0.577348, 0.452657, 0.230018],
      JOINT: [0.8148062, null, 0.4526566, null],
    };
    for (const { target, points, bestAlpha } of report.finalLayer.sweeps) {
      expect(bestAlpha).toBe(0);
      for (const [i, alpha] of [0, 0.5, 1, 1.5].entries()) {
        const value = expected[target][i];
        if (value != null) close(points.find((point) => point.alpha === alpha)!.probability.value, value);
      }
    }
  });

  it("regresses MLP0 on its heads: a constant head is not identifiable, and the mover is damped although MLP0 takes all it reads", () => {
    const { decompositions } = report.mlpActivation;
    const [first, last] = [0, 1].map(
      (layer) => decompositions.find((d) => d.layer === layer && d.regressors === "R1")!,
    );
    close(first!.weights[0]!.weight, -0.5);
    expect(first!.weights.map(({ identifiable }) => identifiable)).toEqual([true, false, false]);
    expect(first!.weights[1]).toMatchObject({ weight: null, verdict: "not identifiable" });
    expect(first!.rank).toBe(1);
    close(first!.r2Within, 1 / 26);
    // Features are pairs of coordinates: |b|^2 = 2 x 5 x .81.
    close(first!.interceptNorm, 0.9 * Math.sqrt(10));
    expect(last).toMatchObject({ r2Within: null, reason: "the MLP's output does not vary over the prompts" });
    expect(report.mlpActivation.headlineLayer).toBe(0);
  });

  it("reads the intercept as .9 on every answer of the task, less than the mean MLP output says", () => {
    const intercept = report.functionApplication.intercepts.find(
      (i) => i.layer === 0 && i.regressors === "R1",
    )!;
    const { top } = intercept;
    for (const { value } of top.slice(0, 5)) close(value, 0.675);
    expect(
      top
        .slice(0, 5)
        .map(({ text }) => text)
        .sort(),
    ).toEqual([0, 1, 2, 3, 4].map((f) => `ans0_${f}`));
    for (const { value } of top.slice(5)) close(value, -0.225);
    close(intercept.typeGain.value, 0.675);
    close(intercept.typeGainOfMean.value, 0.9 - (4.5 - 0.9) / V);
  });
});

describe("model M with 12 facts", async () => {
  const model = await buildModelM({ facts: 12, relations: 3, frames: 2 });
  const reports: RunReport[] = [];
  for (const task of [0, 1, 2]) reports.push(await runSynthetic(model, task));

  it("has two frames of the same numbers in every relation", () => {
    for (const report of reports) {
      expect(report.prompts.map(({ tokens }) => tokens.length)).toEqual(Array(24).fill(4));
      expect(report.prompts[1]!.subjectSpan).toEqual([1, 2]);
      for (const { centredLogit } of report.prompts) close(centredLogit, report.prompts[0]!.centredLogit);
      close(head(report, "L0H0").attentionToSubject.value, 0.9);
    }
  });

  it("names mover and booster but not the relation head, and the suppressor", () => {
    for (const report of reports) {
      expect(report.argumentPassing.movers).toEqual(["L0H0", "L1H1"]);
      expect(report.argumentPassing.heads[0]!.rankInterval).toEqual([1, 1]);
      expect(report.finalLayer.heads.map(({ suppressor }) => suppressor)).toEqual([true, false, false]);
      expect(report.finalLayer.suppression).toBe("OBSERVED");
    }
  });
});

it("keeps patched values of one frame apart from the other's", async () => {
  // Position 1 is the relation in one frame and the subject in the other.
  const model = await buildModelM({ facts: 8, frames: 2 });
  const report = await runSynthetic(model, 1);
  const { values, axes } = report.arrays.find(({ name }) => name === "patching.noising")!;
  expect(axes[0]!.labels).toHaveLength(16);
  for (let pair = 0; pair < 16; pair++) close(values[pair * 6], -3.4875);
});

it("refuses words it does not know instead of reading them as something else", async () => {
  const model = await buildModelM({ words: ["unrelated"] });
  const open = await openSynthetic(model.folder);
  expect(open.tokenizer.encode("Rel0 unrelated of").map(({ id }) => id)).toEqual([0, 6, 20, 8]);
  expect(() => open.tokenizer.encode("Rel0 Paris of")).toThrow(/does not spell|vocabulary/);
  await open.session.close();
});
