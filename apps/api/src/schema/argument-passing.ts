import type { ArgumentPassingReport, HeadReport } from "@recallscope/engine";
import { builder } from "./builder.ts";
import { EstimateType } from "./estimate.ts";
import { firstOf, largestFirst, passes } from "./list-arguments.ts";

const Head = builder.objectRef<HeadReport>("Head").implement({
  description: "An attention head: where it looks, what it writes, and what changes without it.",
  fields: (t) => ({
    layer: t.exposeInt("layer", { description: "Layer, from 0." }),
    head: t.exposeInt("head", { description: "Head, from 0." }),
    label: t.exposeString("label", { description: "E.g. L9H8." }),
    attentionToSubject: t.expose("attentionToSubject", {
      type: EstimateType,
      description: "Attention of the last position to the subject's tokens.",
    }),
    valueWeightedShare: t.expose("valueWeightedShare", {
      type: EstimateType,
      description: "Share of |attention x value x W_O| that comes from the subject's tokens.",
    }),
    dlaSubject: t.expose("dlaSubject", {
      type: EstimateType,
      description: "Direct logit attribution to the subject.",
    }),
    dlaAnswer: t.expose("dlaAnswer", {
      type: EstimateType,
      description: "Direct logit attribution to the answer, in logits against the vocabulary's mean.",
    }),
    noising: t.expose("noising", {
      type: EstimateType,
      description: "Normalised effect of its corrupted z in the clean run, at the last position.",
    }),
    denoising: t.expose("denoising", {
      type: EstimateType,
      description: "Normalised effect of its clean z in the corrupted run.",
    }),
    effect: t.expose("effect", {
      type: EstimateType,
      description: "Mean of both directions: what heads are ranked by.",
    }),
    rank: t.exposeInt("rank", { description: "Place by effect; 0 = largest." }),
    rankLow: t.int({
      nullable: true,
      description: "Lower bound of the rank's 95 % interval.",
      resolve: (head) => head.rankInterval?.[0],
    }),
    rankHigh: t.int({
      nullable: true,
      description: "Upper bound of the rank's 95 % interval.",
      resolve: (head) => head.rankInterval?.[1],
    }),
    pValue: t.exposeFloat("pValue", { nullable: true, description: "Two-sided sign-flip test over facts." }),
    qValue: t.exposeFloat("qValue", { nullable: true, description: "Benjamini-Hochberg over all heads." }),
    mover: t.exposeBoolean("mover", {
      description: "q < 0.05, interval above 0, and effect of at least 0.02.",
    }),
  }),
});

const ExcludedPair = builder
  .objectRef<ArgumentPassingReport["excludedPairs"][number]>("ExcludedPair")
  .implement({
    description: "A prompt that was not patched.",
    fields: (t) => ({
      prompt: t.exposeInt("prompt", { description: "Index of the prompt." }),
      reason: t.exposeString("reason", { description: "Why." }),
    }),
  });

const HeadOrder = builder.enumType("HeadOrder", {
  description: "Order of heads.",
  values: {
    POSITION: { description: "By layer, then head." },
    EFFECT: { description: "By rank of the effect." },
    ATTENTION: { description: "By attention to the subject, most first." },
    DLA_ANSWER: { description: "By direct attribution to the answer, most first." },
  } as const,
});

export const ArgumentPassing = builder.objectRef<ArgumentPassingReport>("ArgumentPassing").implement({
  description:
    "Which heads bring the subject to the last position: every head patched in both directions under subject corruption.",
  fields: (t) => ({
    corruption: t.exposeString("corruption", { description: "What is replaced in the corrupted prompts." }),
    metric: t.exposeString("metric", { description: "What effects are measured in, before normalisation." }),
    position: t.exposeString("position", { description: "Position at which heads are patched." }),
    layers: t.exposeInt("layers", { description: "Layers of the model." }),
    headsPerLayer: t.exposeInt("headsPerLayer", { description: "Heads of a layer." }),
    cleanMetric: t.expose("cleanMetric", { type: EstimateType, description: "The metric on clean prompts." }),
    corruptedMetric: t.expose("corruptedMetric", {
      type: EstimateType,
      description: "The metric on corrupted prompts.",
    }),
    pairs: t.exposeInt("pairs", { description: "Pairs that were patched." }),
    excludedPairs: t.expose("excludedPairs", { type: [ExcludedPair], description: "Prompts that were not." }),
    heads: t.field({
      type: [Head],
      description: "Its heads.",
      args: {
        mover: t.arg.boolean({ description: "Only movers, or only others." }),
        layer: t.arg.int({ description: "Only heads of this layer." }),
        orderBy: t.arg({ type: HeadOrder, defaultValue: "POSITION", description: "Their order." }),
        first: t.arg.int({ description: "Only so many of them, 0 or more." }),
      },
      resolve: ({ heads }, { orderBy, first, mover, layer }) =>
        firstOf(
          ORDER[orderBy ?? "POSITION"](
            heads.filter((head) => passes(mover, head.mover) && passes(layer, head.layer)),
          ),
          first,
        ),
    }),
    movers: t.exposeStringList("movers", { description: "Labels of the mover heads." }),
  }),
});

const ORDER: Record<typeof HeadOrder.$inferType, (heads: HeadReport[]) => HeadReport[]> = {
  POSITION: (heads) => heads,
  EFFECT: (heads) => heads.toSorted((a, b) => a.rank - b.rank),
  ATTENTION: (heads) => largestFirst(heads, (head) => head.attentionToSubject.value),
  DLA_ANSWER: (heads) => largestFirst(heads, (head) => head.dlaAnswer.value),
};
