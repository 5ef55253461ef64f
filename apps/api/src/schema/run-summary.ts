import type { RunSummary } from "../results/run-summary.ts";
import { builder } from "./builder.ts";
import { EstimateType } from "./estimate.ts";
import { Suppression } from "./final-layer.ts";

export const RunSummaryType = builder.objectRef<RunSummary>("RunSummary").implement({
  description: "The small numbers of a run: all that lists need.",
  fields: (t) => ({
    factsKnown: t.exposeInt("factsKnown", { description: "Facts that the model knows." }),
    factsTotal: t.exposeInt("factsTotal", { description: "Facts of the task." }),
    sufficient: t.exposeBoolean("sufficient", { description: "Whether at least 8 facts are known." }),
    top1: t.expose("top1", {
      type: EstimateType,
      description: "Share of prompts with the answer on top of all tokens.",
    }),
    candidateTop1: t.expose("candidateTop1", {
      type: EstimateType,
      description: "Share with the answer on top of the task's answers.",
    }),
    probability: t.expose("probability", { type: EstimateType, description: "Probability of the answer." }),
    medianRank: t.exposeFloat("medianRank", {
      nullable: true,
      description: "Median rank of the answer; 0 = top.",
    }),
    topMover: t.exposeString("topMover", {
      nullable: true,
      description: "Label of the strongest mover head; null when there is none.",
    }),
    topMoverEffect: t.expose("topMoverEffect", {
      type: EstimateType,
      nullable: true,
      description: "Its effect.",
    }),
    moverCount: t.exposeInt("moverCount", { description: "Number of mover heads." }),
    headlineLayer: t.exposeInt("headlineLayer", {
      nullable: true,
      description: "Layer whose MLP adds most to the answer.",
    }),
    r2HeldOut: t.exposeFloat("r2HeldOut", {
      nullable: true,
      description: "Held-out R2 of that MLP's decomposition by all heads up to its layer (regressors R2).",
    }),
    finalLayerChange: t.expose("finalLayerChange", {
      type: EstimateType,
      description: "What the final layer does to log p(answer), in nats.",
    }),
    suppression: t.expose("suppression", {
      type: Suppression,
      description: "Whether the final layer holds the answer back.",
    }),
  }),
});
