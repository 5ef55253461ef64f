import type { FinalLayerReport, SweepCurve, SweepPoint } from "@recallscope/engine";
import { builder } from "./builder.ts";
import { EstimateType } from "./estimate.ts";
import { firstOf, largestFirst, passes } from "./list-arguments.ts";

export const Suppression = builder.enumType("Suppression", {
  description: "Whether the final layer lowers the answer's probability.",
  values: {
    OBSERVED: { description: "The interval of the change lies below 0." },
    NOT_OBSERVED: { description: "It lies within 0.05 nats of 0, or above 0." },
    INCONCLUSIVE: { description: "Neither can be said." },
  } as const,
});

const FinalHead = builder.objectRef<FinalLayerReport["heads"][number]>("FinalHead").implement({
  description: "A head of the final layer.",
  fields: (t) => ({
    head: t.exposeInt("head", { description: "The head." }),
    label: t.exposeString("label", { description: "E.g. L11H10." }),
    dlaAnswer: t.expose("dlaAnswer", {
      type: EstimateType,
      description: "What it adds to the answer's logit directly.",
    }),
    dlaCandidates: t.expose("dlaCandidates", {
      type: EstimateType,
      description: "What it adds to the candidates' logits, on average.",
    }),
    suppressor: t.exposeBoolean("suppressor", { description: "Whether it holds the answer back." }),
  }),
});

const FinalHeadOrder = builder.enumType("FinalHeadOrder", {
  description: "Order of heads of the final layer.",
  values: {
    POSITION: { description: "By head." },
    DLA_ANSWER: { description: "By direct attribution to the answer, the most suppressing first." },
  } as const,
});

const SweepTarget = builder.enumType("SweepTarget", {
  description: "What is scaled by alpha.",
  values: {
    HEADS: { description: "The final layer's suppressing heads." },
    MLP: { description: "The final layer's MLP." },
    JOINT: { description: "Both." },
  } as const,
});

const SweepPointType = builder.objectRef<SweepPoint>("SweepPoint").implement({
  description: "What the model answers at one alpha.",
  fields: (t) => ({
    alpha: t.exposeFloat("alpha", { description: "Factor; 1 = as it is, 0 = switched off." }),
    probability: t.expose("probability", { type: EstimateType, description: "Probability of the answer." }),
    logProb: t.expose("logProb", { type: EstimateType, description: "Its logarithm, in nats." }),
    meanRank: t.expose("meanRank", { type: EstimateType, description: "Rank of the answer; 0 = top." }),
    top1: t.expose("top1", {
      type: EstimateType,
      description: "Share with the answer on top of all tokens.",
    }),
    candidateTop1: t.expose("candidateTop1", {
      type: EstimateType,
      description: "Share with the answer on top of the candidates.",
    }),
  }),
});

const Sweep = builder.objectRef<SweepCurve>("Sweep").implement({
  description: "The final layer scaled from off to stronger.",
  fields: (t) => ({
    target: t.expose("target", { type: SweepTarget, description: "What is scaled." }),
    points: t.expose("points", { type: [SweepPointType], description: "One per alpha." }),
    bestAlpha: t.exposeFloat("bestAlpha", {
      nullable: true,
      description: "Best mean log-probability on the train facts.",
    }),
    testLogProbGain: t.expose("testLogProbGain", {
      type: EstimateType,
      description: "At that alpha minus at 1, on test facts.",
    }),
    testRankChange: t.expose("testRankChange", {
      type: EstimateType,
      description: "Change of the rank on test facts.",
    }),
  }),
});

const TemperatureBaseline = builder
  .objectRef<FinalLayerReport["temperature"]>("TemperatureBaseline")
  .implement({
    description: "What merely making the distribution flatter or sharper gains: a sweep has to beat this.",
    fields: (t) => ({
      best: t.exposeFloat("best", { nullable: true, description: "Best temperature on the train facts." }),
      testLogProbGain: t.expose("testLogProbGain", {
        type: EstimateType,
        description: "Its gain on test facts.",
      }),
    }),
  });

export const FinalLayer = builder.objectRef<FinalLayerReport>("FinalLayer").implement({
  description: "What the final layer does to the answer, who does it, and what undoing it gains.",
  fields: (t) => ({
    layer: t.exposeInt("layer", { description: "The final layer." }),
    logProbChange: t.expose("logProbChange", {
      type: EstimateType,
      description: "log p(answer) after it minus the lens before it, in nats.",
    }),
    rankChange: t.expose("rankChange", { type: EstimateType, description: "Change of the answer's rank." }),
    entropyChange: t.expose("entropyChange", {
      type: EstimateType,
      description: "Change of the distribution's entropy, in nats.",
    }),
    headPart: t.expose("headPart", {
      type: EstimateType,
      description: "Share of `logProbChange` by the heads (Shapley; the three parts add up).",
    }),
    mlpPart: t.expose("mlpPart", { type: EstimateType, description: "Share by the MLP." }),
    scalePart: t.expose("scalePart", { type: EstimateType, description: "Share by the final norm's scale." }),
    heads: t.field({
      type: [FinalHead],
      description: "Its heads.",
      args: {
        suppressor: t.arg.boolean({ description: "Only those that hold the answer back, or only others." }),
        orderBy: t.arg({ type: FinalHeadOrder, defaultValue: "POSITION", description: "Their order." }),
        first: t.arg.int({ description: "Only so many of them, 0 or more." }),
      },
      resolve: ({ heads }, { suppressor, orderBy, first }) => {
        const wanted = heads.filter((head) => passes(suppressor, head.suppressor));
        const low = largestFirst(wanted, ({ dlaAnswer: { value } }) => (value === null ? null : -value));
        return firstOf(orderBy === "DLA_ANSWER" ? low : wanted, first);
      },
    }),
    mlpDla: t.expose("mlpDla", {
      type: EstimateType,
      description: "What its MLP adds to the answer's logit directly.",
    }),
    sweeps: t.field({
      type: [Sweep],
      description: "The layer scaled, by target.",
      args: { target: t.arg({ type: SweepTarget, description: "Only of this target." }) },
      resolve: ({ sweeps }, { target }) => sweeps.filter((sweep) => passes(target, sweep.target)),
    }),
    temperature: t.expose("temperature", { type: TemperatureBaseline, description: "The baseline." }),
    suppression: t.expose("suppression", {
      type: Suppression,
      description: "Whether it holds the answer back.",
    }),
  }),
});
