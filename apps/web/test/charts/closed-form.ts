import type { Curve } from "@/features/compare/curves.ts";
import type { Comparison } from "@/features/compare/queries.ts";
import type { LiveFlow } from "@/features/run/live/queries.ts";
import type { FinalLayer, FurtherFigureData, Prediction } from "@/features/run/queries.ts";
import type { Estimate } from "@/graphql/fragments.ts";

export const LAYERS = 3;
export const HEADS = 4;
/** Largest effect below; a symmetric scale runs from -EXTENT to EXTENT. */
export const EXTENT = 0.6;

export const within = (value: number): Estimate => ({
  value,
  low: value - 0.25,
  high: value + 0.25,
  n: 12,
  reason: null,
});
export const NO_HEAD: Estimate = { value: null, low: null, high: null, n: 0, reason: "no pair" };

/** 0.6, 0.5, 0.4, ... down to -0.5 in layer-major order; the head L1H1 was not observed. */
export const effectOf = (layer: number, head: number): number | null =>
  layer === 1 && head === 1 ? null : Number((EXTENT - 0.1 * (layer * HEADS + head)).toFixed(1));

const cells = (numberOf: (layer: number, head: number) => number | null) =>
  Array.from({ length: LAYERS * HEADS }, (_, i) => {
    const [layer, head] = [Math.floor(i / HEADS), i % HEADS];
    const value = numberOf(layer, head);
    return {
      layer,
      head,
      estimate: value === null ? NO_HEAD : within(value),
      tip: () => `L${layer}H${head}\tvalue`,
    };
  });
export const CELLS = cells(effectOf);
/** 0, 1/12, 2/12, ... */
export const SHARES = cells((layer, head) => (layer * HEADS + head) / (LAYERS * HEADS));

const STATES = ["L0.pre", "L0.mid", "L0.post", "L1.mid", "L1.post"];
const trajectory = (probability: (state: number) => number) => ({
  medianRank: STATES.map((_, state) => 2 ** (STATES.length - 1 - state) - 1),
  centredLogit: STATES.map((_, state) => within(state)),
  probability: STATES.map((_, state) => within(probability(state))),
});
/** The answer's probability rises by 0.2 from state to state, the subject's falls. */
export const lens = {
  states: STATES.map((label, index) => ({
    label,
    layer: index < 3 ? 0 : 1,
    point: label.endsWith("pre") ? "PRE" : label.endsWith("mid") ? "MID" : "POST",
    depth: index / (STATES.length - 1),
  })),
  answer: trajectory((state) => 0.1 + 0.2 * state),
  subject: trajectory((state) => 0.9 - 0.2 * state),
} as Prediction["lens"];

/** Right as often as sure, and 0.25 more often than that; ten prompts in each second bin, none in the others. */
export const reliability = {
  __typename: "ReliabilityFigure",
  title: "Reliability",
  curves: [0, 0.25].map((more) => ({
    label: more === 0 ? "model as it is" : "held back",
    bins: Array.from({ length: 10 }, (_, bin) => ({
      low: bin / 10,
      high: (bin + 1) / 10,
      prompts: bin % 2 === 0 ? 10 : 0,
      confidence: bin % 2 === 0 ? within(bin / 10) : NO_HEAD,
      right: bin % 2 === 0 ? within(Math.min(1, bin / 10 + more)) : NO_HEAD,
    })),
  })),
} as unknown as Extract<FurtherFigureData, { __typename: "ReliabilityFigure" }>;

const passing = (share: number) => ({
  layers: LAYERS,
  headsPerLayer: HEADS,
  movers: ["L0H0"],
  heads: CELLS.map(({ layer, head }) => {
    const effect = effectOf(layer, head);
    return {
      layer,
      head,
      label: `L${layer}H${head}`,
      rank: layer * HEADS + head,
      mover: layer + head === 0,
      effect: effect === null ? NO_HEAD : within(effect * share),
    };
  }),
});

/** Three runs: two models on one task, and the first one on another task; heads of the later ones do half as much as the first one's. */
export const COMPARED = (
  [
    ["a", "first", "capitals"],
    ["b", "second", "capitals"],
    ["c", "first", "currencies"],
  ] as const
).map(([id, model, task], at) => ({
  id,
  key: id.repeat(16),
  model: { name: model },
  task: { slug: task, title: task },
  settings: { shots: 0 },
  summary: null,
  receipt: null,
  argumentPassing: passing(at === 0 ? 1 : 0.5),
}));

/** Each head of the first layer with its neighbour. */
export const MATCHING = {
  features: [],
  cost: 0.5,
  randomCost: 1,
  shuffledCost: null,
  pValue: null,
  permutations: 0,
  reason: null,
  excludedFromBaseline: [],
  excludedFromRun: [],
  pairs: Array.from({ length: HEADS }, (_, head) => ({
    baseline: `L0H${head}`,
    run: `L0H${(head + 1) % HEADS}`,
    distance: 0.5,
  })),
};

/** 4 of 10 heads are common to the runs of one model; heads of two models are not compared. */
export const OVERLAPS = [
  [0, 1],
  [0, 2],
  [1, 2],
].map(([a, b]) => ({
  a,
  b,
  overlap:
    b === 2 && a === 0
      ? {
          k: 10,
          headsA: [],
          headsB: [],
          common: [],
          jaccard: 0.25,
          chance: 0.1,
          pValue: 0.002,
          spearman: 0.5,
          reason: null,
        }
      : {
          k: 0,
          headsA: [],
          headsB: [],
          common: [],
          jaccard: null,
          chance: null,
          pValue: null,
          spearman: null,
          reason: "other model",
        },
})) as unknown as Comparison["overlaps"];

/** Straight lines from 0 to 0.2, 0.4 and 0.6 at the last of as many layers as the run is deep; the centre of the first is at 0.5. */
export const CURVES: Curve[] = [4, 6, 4].map((layers, run) => ({
  unit: "share",
  centre: run === 0 ? within(0.5) : null,
  points: Array.from({ length: layers }, (_, layer) => ({
    place: `layer ${layer}`,
    depth: (layer + 0.5) / layers,
    layer,
    estimate: within((0.2 * (run + 1) * (layer + 1)) / layers),
  })),
}));

/** log p = -(alpha - 0.5)^2 for the heads and -(alpha - 1)^2 for all: the best alphas are 0.5 and 1. */
export const sweeps = (["HEADS", "JOINT"] as const).map((target) => ({
  target,
  bestAlpha: target === "HEADS" ? 0.5 : 1,
  points: Array.from({ length: 16 }, (_, i) => {
    const alpha = i / 10;
    const logProb = -((alpha - (target === "HEADS" ? 0.5 : 1)) ** 2);
    return {
      alpha,
      logProb: within(logProb),
      probability: within(Math.exp(logProb)),
      meanRank: within(alpha),
      top1: within(0.5),
      candidateTop1: within(0.5),
    };
  }),
})) as unknown as FinalLayer["sweeps"];

/** Two frames; in the first the answer is the first choice, in the second it is not. */
export const prompts = Array.from({ length: 6 }, (_, index) => ({
  index,
  fact: index % 3,
  subject: `S${index % 3}`,
  answer: `A${index % 3}`,
  frame: index < 3 ? "clause/none" : "clause/lead",
  text: `S${index % 3} is`,
  tokenTexts: ["S", " is"],
  subjectStart: 0,
  subjectEnd: 1,
  known: true,
  rank: index < 3 ? 0 : 5,
  candidateRank: 0,
  probability: index < 3 ? 0.9 - 0.1 * index : 0.1 * index,
  logProb: -1,
  centredLogit: 1,
  fullAnswerTop1: null,
  topTokens: [],
}));

export const TOKENS = ["The", " capital", " of", " France", " is"];
export const SUBJECT = 3;
/** From the last token: half of it to the subject. */
export const ATTENTION = [0.25, 0, 0.125, 0.5, 0.125];

const text = (word: string) => ({ text: word });
const edge = (from: string, to: string, kind: LiveFlow["edges"][number]["kind"], share: number) => ({
  from,
  to,
  kind,
  layer: 1,
  effect: 4 * share,
  share,
});
/** Half of the way goes through one head, which writes a quarter itself and passes as much on; another head works against it. */
export const FLOW: LiveFlow = {
  clean: 3,
  corrupted: -1,
  reason: null,
  heads: [
    { label: "L0H0", layer: 0, head: 0 },
    { label: "L1H0", layer: 1, head: 0 },
  ],
  edges: [
    edge("subject", "L0H0", "SUBJECT_TO_HEAD", -0.125),
    edge("subject", "L1H0", "SUBJECT_TO_HEAD", 0.5),
    edge("L0H0", "answer", "HEAD_TO_ANSWER", -0.125),
    edge("L1H0", "answer", "HEAD_TO_ANSWER", 0.25),
    edge("L1H0", "MLP1", "HEAD_TO_MLP", 0.25),
    edge("MLP1", "answer", "MLP_TO_ANSWER", 0.25),
  ],
  pair: {
    clean: ["The", " capital", " of", " France"].map(text),
    corrupted: ["The", " capital", " of", " Japan"].map(text),
    answer: text(" Paris"),
    wrong: text(" Tokyo"),
  },
};
