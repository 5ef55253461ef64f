import type { LensReport, LensTrajectory, PredictionReport } from "@recallscope/engine";
import { builder } from "./builder.ts";
import { EstimateType } from "./estimate.ts";
import { firstOf, largestFirst, passes } from "./list-arguments.ts";

const StatePoint = builder.enumType("StatePoint", {
  description: "Where in a block the residual stream is read.",
  values: {
    PRE: { value: "pre", description: "Before the attention." },
    MID: { value: "mid", description: "Between attention and MLP." },
    POST: { value: "post", description: "After the MLP." },
  } as const,
});

const LensState = builder.objectRef<LensReport["states"][number]>("LensState").implement({
  description: "A state of the residual stream at the last position.",
  fields: (t) => ({
    label: t.exposeString("label", { description: "E.g. L3.mid." }),
    layer: t.exposeInt("layer", { description: "Layer, from 0." }),
    point: t.expose("point", { type: StatePoint, description: "Where in the layer." }),
    depth: t.exposeFloat("depth", { description: "Share of the model that lies before it, 0 to 1." }),
  }),
});

const LensTrajectoryType = builder.objectRef<LensTrajectory>("LensTrajectory").implement({
  description: "How a token fares from state to state under the logit lens; one entry per state.",
  fields: (t) => ({
    medianRank: t.exposeFloatList("medianRank", {
      nullable: { list: false, items: true },
      description: "Median rank over facts; 0 = top.",
    }),
    centredLogit: t.expose("centredLogit", {
      type: [EstimateType],
      description: "Logit minus the vocabulary's mean.",
    }),
    probability: t.expose("probability", { type: [EstimateType], description: "Probability." }),
  }),
});

const Lens = builder.objectRef<LensReport>("Lens").implement({
  description:
    "The logit lens: states of the residual stream read out through the final norm and the unembedding.",
  fields: (t) => ({
    states: t.expose("states", { type: [LensState], description: "The states, in order." }),
    answer: t.expose("answer", { type: LensTrajectoryType, description: "The right answer's first token." }),
    subject: t.expose("subject", { type: LensTrajectoryType, description: "The subject's first token." }),
  }),
});

const ComponentKind = builder.enumType("ComponentKind", {
  description: "What writes into the residual stream.",
  values: {
    EMBED: { value: "embed", description: "Token and position embedding." },
    HEAD: { value: "head", description: "An attention head." },
    ATTN_BIAS: { value: "attn_bias", description: "The attention's output bias, which belongs to no head." },
    MLP: { value: "mlp", description: "An MLP." },
  } as const,
});

type Attribution = PredictionReport["directLogitAttribution"];
const DlaComponent = builder.objectRef<Attribution["components"][number]>("DlaComponent").implement({
  description: "What one component adds to the answer's logit directly.",
  fields: (t) => ({
    label: t.exposeString("label", { description: "E.g. L9H8, MLP9, embed." }),
    kind: t.expose("kind", { type: ComponentKind, description: "What it is." }),
    layer: t.exposeInt("layer", { nullable: true, description: "Its layer; null for embeddings." }),
    head: t.exposeInt("head", { nullable: true, description: "Its head; null for anything else." }),
    answer: t.expose("answer", {
      type: EstimateType,
      description: "To the answer, against the mean of the other candidates.",
    }),
    centred: t.expose("centred", {
      type: EstimateType,
      description: "To the answer, against the vocabulary's mean.",
    }),
  }),
});

const ComponentOrder = builder.enumType("ComponentOrder", {
  description: "Order of components.",
  values: {
    POSITION: { description: "In order of the model." },
    ANSWER: { description: "By what they add to the answer, most first." },
    SIZE: { description: "By the size of what they add to the answer or take from it, largest first." },
  } as const,
});

const DirectLogitAttribution = builder.objectRef<Attribution>("DirectLogitAttribution").implement({
  description: "The answer's logit taken apart by component, with the final norm's scale as it was.",
  fields: (t) => ({
    metric: t.exposeString("metric", { description: "What `answer` is measured in." }),
    completenessError: t.exposeFloat("completenessError", {
      description: "Largest difference between the sum of all components and the logit, in logits.",
    }),
    components: t.field({
      type: [DlaComponent],
      description: "Its components.",
      args: {
        kind: t.arg({ type: ComponentKind, description: "Only of this kind." }),
        orderBy: t.arg({ type: ComponentOrder, defaultValue: "POSITION", description: "Their order." }),
        first: t.arg.int({ description: "Only so many of them, 0 or more." }),
      },
      resolve: ({ components }, { kind, orderBy, first }) => {
        const wanted = components.filter((component) => passes(kind, component.kind));
        return firstOf(COMPONENTS_BY[orderBy ?? "POSITION"](wanted), first);
      },
    }),
  }),
});

const COMPONENTS_BY: Record<
  typeof ComponentOrder.$inferType,
  (components: Attribution["components"]) => Attribution["components"]
> = {
  POSITION: (components) => components,
  ANSWER: (components) => largestFirst(components, ({ answer }) => answer.value),
  SIZE: (components) =>
    largestFirst(components, ({ answer: { value } }) => (value === null ? null : Math.abs(value))),
};

export const Prediction = builder.objectRef<PredictionReport>("Prediction").implement({
  description: "What the model answers, and where in the model the answer appears.",
  fields: (t) => ({
    top1: t.expose("top1", {
      type: EstimateType,
      description: "Share of prompts with the answer on top of all tokens; all admitted facts.",
    }),
    candidateTop1: t.expose("candidateTop1", {
      type: EstimateType,
      description: "Share of prompts with the answer on top of the task's answers.",
    }),
    medianRank: t.exposeFloat("medianRank", {
      nullable: true,
      description: "Median rank of the answer; 0 = top.",
    }),
    probability: t.expose("probability", { type: EstimateType, description: "Probability of the answer." }),
    logProb: t.expose("logProb", { type: EstimateType, description: "Its logarithm, in nats." }),
    chance: t.exposeFloat("chance", { description: "Candidate top-1 of a guess." }),
    lens: t.expose("lens", { type: Lens, description: "The logit lens over known facts." }),
    directLogitAttribution: t.expose("directLogitAttribution", {
      type: DirectLogitAttribution,
      description: "Who writes the answer; known facts.",
    }),
  }),
});
