import { afterAll, describe, expect, it } from "vitest";
import { SUFFICIENT_FACTS } from "../../../src/analyses/analysis.ts";
import {
  finalLayerComponents,
  measureComponents,
} from "../../../src/analyses/final-layer/final-layer-components.ts";
import type { FinalLayerComponentsReport } from "../../../src/results/final-layer-components.ts";
import { countsWith, measuredM, near } from "./known-models.ts";

const part = (report: FinalLayerComponentsReport, label: string) =>
  report.components.find((one) => one.label === label)!;

describe("parts of model M's last layer (5 facts, 20 tokens)", async () => {
  const V = 20;
  const { model, context, close } = await measuredM();
  const report = await measureComponents(context, countsWith(V, model.token.the));
  afterAll(close);

  it("takes the answer from .815 to .453: log of their ratio, not a difference of logits", () => {
    near(report.effect.logProbChange.value, Math.log(0.4526566 / 0.8148062));
    near(report.effect.logProbChange.value, -0.587817);
    expect(report.effect.rankChange.value).toBe(0);
    expect(report.effect.entropyChange.value).toBeGreaterThan(0);
  });

  it("moves the prediction towards the frequent token by the divergence before minus after", () => {
    const divergence = (the: number, answer: number) => {
      const weights = [the, answer, 0.9, ...new Array<number>(V - 3).fill(0)].map(Math.exp);
      const total = weights.reduce((a, b) => a + b);
      const counts = weights.map((_, v) => (v === 0 ? 100.5 : 10.5));
      const all = counts.reduce<number>((a, b) => a + b, 0);
      return weights.reduce((sum, w, v) => sum + (w / total) * Math.log(w / total / (counts[v]! / all)), 0);
    };
    near(report.effect.unigramKlBefore.value, divergence(0, 4.5));
    near(report.effect.unigramKlAfter.value, divergence(3, 3.4875));
    near(report.effect.towardUnigram.value, divergence(0, 4.5) - divergence(3, 3.4875));
  });

  it("attributes against the vocabulary's mean, and against the other candidates", () => {
    for (const [label, written] of [
      ["L1H0", -2.025],
      ["L1H1", 1.0125],
      ["L1H2", 0],
    ] as const) {
      const { dlaAnswer, dlaOthers, dlaContrast } = part(report, label);
      near(dlaAnswer.value, written * (1 - 1 / V));
      near(dlaOthers.value, -written / V);
      near(dlaContrast.value, written);
    }
    near(part(report, "MLP1").dlaAnswer.value, -3 / V);
    near(part(report, "MLP1").dlaContrast.value, 0);
  });

  it("correlates the MLP's write with log f over the vocabulary: 1, and a head's hardly", () => {
    near(part(report, "MLP1").frequencyCorrelation.value, 1, 1e-6);
    // A write on one token against an indicator of another: -1 / (V - 1) of the sign.
    near(part(report, "L1H0").frequencyCorrelation.value, 1 / (V - 1));
    near(part(report, "L1H1").frequencyCorrelation.value, -1 / (V - 1));
    for (const label of ["L1H2", "L1.attn_bias"]) {
      expect(part(report, label).frequencyCorrelation).toMatchObject({ value: null, n: 0 });
    }
  });

  it("fits the copy-suppression slope over all top tokens, subject included", () => {
    // Lens before the layer: 4.5 on the answer, .9 on the subject, 0 elsewhere; L1H0 writes -2.025 on the answer alone.
    const lens = [4.5, 0.9, ...new Array<number>(V - 2).fill(0)];
    const mean = 5.4 / V;
    const squares = lens.reduce((sum, x) => sum + (x - mean) ** 2, 0);
    near(part(report, "L1H0").copySlope.value, (-2.025 * (4.5 - mean)) / squares);
    near(part(report, "L1H1").copySlope.value, (1.0125 * (4.5 - mean)) / squares);
    near(part(report, "MLP1").copySlope.value, (3 * (0 - mean)) / squares);
    expect(report.slopeTokens).toBe(V);
  });

  it("finds the one neuron that fires, and that all it does goes through log f", () => {
    expect(report.neurons.map(({ label }) => label)).toEqual(["L1N0"]);
    expect(report.neurons[0]!.activation).toMatchObject({ value: 1 });
    near(report.neurons[0]!.dlaAnswer.value, -3 / V);
    near(report.neurons[0]!.frequencyCorrelation.value, 1, 1e-6);
    near(report.neurons[0]!.copySlope.value, part(report, "MLP1").copySlope.value!, 1e-5);
    const [pusher] = report.frequencyNeurons;
    expect(report.frequencyNeurons).toHaveLength(1);
    near(pusher!.logProbEffect.value, Math.log(0.4526566 / 0.615158));
    near(pusher!.viaFrequency.value, 1);
    near(pusher!.viaScale.value, 0);
    expect(pusher).toMatchObject({ label: "L1N0", frequencyNeuron: true, entropyNeuron: false, normRank: 0 });
    near(pusher!.frequencyCorrelation, 1, 1e-6);
  });

  it("labels nothing on fewer than 8 facts, and the suppressor and the pusher on 10", async () => {
    expect(report.sufficient).toBe(false);
    const labels = (own: FinalLayerComponentsReport) =>
      [...own.components, ...own.neurons].flatMap(({ label, answerSuppressor, frequencyPusher }) => [
        ...(answerSuppressor ? [`${label} suppresses`] : []),
        ...(frequencyPusher ? [`${label} pushes`] : []),
      ]);
    expect(labels(report)).toEqual([]);
    const ten = await measuredM({ facts: 10 });
    expect(10).toBeGreaterThanOrEqual(SUFFICIENT_FACTS);
    const more = await measureComponents(ten.context, countsWith(35, ten.model.token.the));
    expect(labels(more)).toEqual(["L1H0 suppresses", "MLP1 pushes", "L1N0 pushes"]);
    // Frequencies the other way round: the same MLP then pushes rare tokens.
    const rare = countsWith(35, ten.model.token.the).map((count) => 1000 / count);
    expect(labels(await measureComponents(ten.context, rare))).toEqual(["L1H0 suppresses"]);
    await ten.close();
  });

  it("gives its bulk numbers per prompt and component", () => {
    const [array] = report.arrays;
    expect(array!.axes.map(({ labels }) => labels.length)).toEqual([5, 5]);
    near(array!.values[0], -2.025 * (1 - 1 / V));
    near(array!.values[5 * 4 + 4], -3 / V);
  });

  it("uses the model's own samples without counts, from the start token", async () => {
    const { unigram } = await finalLayerComponents.run(context);
    expect(unigram.used).toBe("U3");
    expect(unigram.mostFrequent[0]!.token).toBe(model.token.the);
    expect(unigram.samples).toMatchObject({ start: 0, startText: "[BOS]" });
    expect(report.unigram.used).toBe("U5");
    expect(report.unigram.agreement.map(({ a, b }) => a + b)).toEqual(["U3U5"]);
  });
});

describe("an empty last layer", async () => {
  const { model, context, close } = await measuredM({
    facts: 8,
    change: (blocks, idle) => [...blocks, idle],
  });
  const report = await measureComponents(context, countsWith(29, model.token.the));
  afterAll(close);

  it("changes nothing: the label is bound to the last layer", () => {
    for (const key of ["logProbChange", "rankChange", "entropyChange", "towardUnigram"] as const)
      for (const end of ["value", "low", "high"] as const) near(report.effect[key][end], 0, 1e-6);
    for (const one of report.components) {
      expect(one).toMatchObject({ answerSuppressor: false, frequencyPusher: false });
      expect(one.frequencyCorrelation.value).toBeNull();
    }
    expect(report.neurons).toEqual([]);
    expect(report.frequencyNeurons).toEqual([]);
  });
});

describe("S8: a model whose lens knows the answer alone", async () => {
  // MLP0 takes all of the argument: before the last layer the lens is 4.5 on the answer and 0 elsewhere.
  const { context, close } = await measuredM({
    change: ([first, last]) => [
      {
        ...first!,
        neurons: first!.neurons.map((neuron) => ({
          ...neuron,
          out: Object.fromEntries(
            Object.entries(neuron.out).map(([name, value]) => [name, name.startsWith("arg") ? -2 : value]),
          ),
        })),
      },
      last!,
    ],
  });
  const report = await measureComponents(context);
  afterAll(close);

  it("has slope -.45 for the suppressor and +.225 for the booster", () => {
    near(part(report, "L1H0").copySlope.value, -0.45);
    near(part(report, "L1H1").copySlope.value, 0.225);
  });
});
