import type { Estimate, ModelSummary, RunReport, RunSettings, Task } from "@recallscope/engine";
import { ENGINE_VERSION, SEMANTICS_VERSION, taskHash } from "@recallscope/engine";

const LAYERS = 2;
const HEADS = 2;
const estimate = (value: number): Estimate => ({ value, low: value - 0.1, high: value + 0.1, n: 3 });
const none: Estimate = { value: null, low: null, high: null, n: 0, reason: "no pair" };

export const fakeModel = (name: string): ModelSummary => ({
  name,
  architecture: "gpt2",
  layers: LAYERS,
  heads: HEADS,
  kvHeads: HEADS,
  width: 8,
  headWidth: 4,
  mlpWidth: 32,
  vocabulary: 50,
  positions: 64,
  dtype: "F16",
  parameters: 1234,
  tied: true,
  weightHash: "a".repeat(64),
  tokenizerHash: "b".repeat(64),
  bos: { prepended: false, token: null },
  selfCheck: { residualSum: 1e-7, headSum: 2e-7, patternValue: 3e-7, lensLogits: 4e-7, passed: true },
});

/** A complete report with numbers that a test can recognise; it holds every kind of value the store must keep. */
export function fakeReport(
  model: string,
  task: Task,
  settings: RunSettings,
  related: readonly Task[] = [],
): RunReport {
  const facts = task.facts.slice(0, 3);
  const heads = Array.from({ length: LAYERS * HEADS }, (_, i) => ({
    layer: Math.floor(i / HEADS),
    head: i % HEADS,
    label: `L${Math.floor(i / HEADS)}H${i % HEADS}`,
    attentionToSubject: estimate(i / 10),
    valueWeightedShare: estimate(i / 20),
    dlaSubject: estimate(i),
    dlaAnswer: estimate(1 - i),
    noising: i === 0 ? none : estimate(0.1 * i),
    denoising: estimate(0.2 * i),
    effect: i === 0 ? none : estimate(0.15 * i),
    rank: LAYERS * HEADS - 1 - i,
    rankInterval: i === 0 ? null : ([0, 3] as [number, number]),
    pValue: 0.01,
    qValue: 0.02,
    mover: i === 3,
  }));
  const point = (alpha: number) => ({
    alpha,
    probability: estimate(0.3 * alpha),
    logProb: estimate(-1),
    meanRank: estimate(2),
    top1: estimate(0.5),
    candidateTop1: estimate(0.75),
  });
  return {
    receipt: {
      engineVersion: ENGINE_VERSION,
      semanticsVersion: SEMANTICS_VERSION,
      model: fakeModel(model),
      taskId: task.id,
      taskHash: taskHash(task),
      related: related.map((other) => ({ id: other.id, hash: taskHash(other) })),
      settings,
      device: "cpu",
      computeDtype: "float32",
      seconds: 1.5,
      startedAt: "2025-01-02T03:04:05.000Z",
      runtime: { node: "20", onnxruntime: "1.30.0", platform: "linux-x64" },
    },
    task: {
      id: task.id,
      title: task.title,
      factsTotal: task.facts.length,
      factsAdmitted: facts.length,
      factsKnown: 2,
      sufficient: false,
      dropped: [{ subject: "Nowhere", answer: "None", reason: "the answer occurs in the prompt" }],
      facts: facts.map(({ subject, answer }, index) => ({
        index,
        subject,
        answer,
        answerToken: index,
        multiToken: false,
        knownShare: index < 2 ? 1 : 0,
        known: index < 2,
        donor: null,
      })),
      candidates: [{ token: 0, text: " A", answers: ["A"] }],
    },
    prompts: facts.flatMap(({ subject }, fact) =>
      [0, 1].map((frame) => ({
        index: fact * 2 + frame,
        fact,
        frame: `capital-of/${frame}`,
        text: `The capital of ${subject} is`,
        tokens: [1, 2, 3],
        tokenTexts: ["The", "\u0000", "\ud800"],
        subjectSpan: [1, 2] as [number, number],
        known: fact < 2,
        rank: 0,
        candidateRank: 0,
        probability: 0.25,
        logProb: Math.log(0.25),
        centredLogit: 3.5,
        fullAnswerTop1: null,
        topTokens: [{ token: 7, text: " Paris", probability: 0.25 }],
      })),
    ),
    prediction: {
      top1: estimate(0.6),
      candidateTop1: estimate(0.7),
      medianRank: 1.5,
      probability: estimate(0.25),
      logProb: estimate(-1.4),
      chance: 1 / 3,
      lens: {
        states: [{ label: "L0.pre", layer: 0, point: "pre", depth: 0 }],
        answer: { medianRank: [null], centredLogit: [estimate(1)], probability: [none] },
        subject: { medianRank: [4], centredLogit: [estimate(2)], probability: [estimate(0.1)] },
      },
      directLogitAttribution: {
        metric: "candidate_logit_diff",
        completenessError: 1e-5,
        components: [
          {
            label: "L0.attn_bias",
            kind: "attn_bias",
            layer: 0,
            head: null,
            answer: estimate(1),
            centred: none,
          },
        ],
      },
    },
    argumentPassing: {
      corruption: "SUBJECT",
      metric: "logit_diff",
      position: "last",
      layers: LAYERS,
      headsPerLayer: HEADS,
      cleanMetric: estimate(3),
      corruptedMetric: estimate(-3),
      pairs: 4,
      excludedPairs: [{ prompt: 5, reason: "no donor" }],
      heads,
      movers: ["L1H1"],
    },
    mlpActivation: {
      headlineLayer: 1,
      decompositions: (["R1", "R2"] as const).map((regressors) => ({
        layer: 1,
        regressors,
        pooling: "P1",
        centred: true,
        lambda: null,
        rank: 2,
        condition: 12,
        r2Within: 0.9,
        r2Uncentred: 0.95,
        r2Mean: 0.5,
        r2HeldOut: { mean: regressors === "R1" ? 0.4 : 0.3, sd: 0.1, folds: 2 },
        weights: [
          {
            layer: 1,
            head: 0,
            label: "L1H0",
            weight: -0.1,
            low: -0.3,
            high: 0.1,
            standardError: 0.1,
            varianceInflation: 1.5,
            identifiable: true,
            verdict: "no evidence",
          },
        ],
        interceptNorm: 2,
      })),
    },
    functionApplication: {
      intercepts: [
        {
          layer: 1,
          regressors: "R1",
          top: [{ token: 7, text: " Paris", value: 2, candidate: true }],
          bottom: [{ token: 8, text: " cat", value: -2, candidate: false }],
          candidatesInTop: 1,
          pValue: 0.03,
          typeGain: estimate(1),
          typeGainOfMean: estimate(0.5),
          cosineWithMean: 0.2,
        },
      ],
    },
    finalLayer: {
      layer: 1,
      logProbChange: estimate(-0.4),
      rankChange: estimate(1),
      entropyChange: estimate(0.2),
      headPart: estimate(-0.3),
      mlpPart: estimate(-0.2),
      scalePart: estimate(0.1),
      heads: [
        { head: 0, label: "L1H0", dlaAnswer: estimate(-1), dlaCandidates: estimate(-1), suppressor: true },
      ],
      mlpDla: estimate(-0.5),
      sweeps: [
        {
          target: "JOINT",
          points: [point(0), point(1)],
          bestAlpha: 0.5,
          testLogProbGain: estimate(0.1),
          testRankChange: none,
        },
      ],
      temperature: { best: 0.9, testLogProbGain: estimate(0.01) },
      suppression: "OBSERVED",
    },
    arrays: [
      {
        name: "effects",
        unit: "effect",
        axes: [
          { dim: "layer", labels: ["0", "1"] },
          { dim: "head", labels: ["0", "1"] },
        ],
        values: Float32Array.of(0.1, Number.NaN, -0, 3.4028234e38),
      },
    ],
    warnings: ["only 2 facts are known"],
  };
}
