import type { Concentration, DepthProfile } from "@recallscope/engine";
import { builder } from "../builder.ts";
import { EstimateType } from "../estimate.ts";

const DepthPoint = builder.objectRef<DepthProfile["curve"][number]>("DepthPoint").implement({
  description: "How much of the mass of head effects one layer holds.",
  fields: (t) => ({
    layer: t.exposeInt("layer", { description: "Layer, from 0." }),
    depth: t.exposeFloat("depth", { description: "(layer + 0.5) / layers: comparable between models." }),
    share: t.exposeFloat("share", { description: "Share of the mass in this layer." }),
    cumulative: t.exposeFloat("cumulative", { description: "Share in all layers up to it." }),
  }),
});

export const DepthProfileType = builder.objectRef<DepthProfile>("DepthProfile").implement({
  description: "Where in depth the effects of heads lie; masses are |effect|.",
  fields: (t) => ({
    layers: t.exposeInt("layers", { description: "Layers of the model." }),
    headsPerLayer: t.exposeInt("headsPerLayer", { description: "Heads of a layer." }),
    curve: t.expose("curve", {
      type: [DepthPoint],
      description: "One point per layer; none where nothing was observed.",
    }),
    centreOfMass: t.expose("centreOfMass", {
      type: EstimateType,
      description: "Mean depth weighted by mass, 0 to 1.",
    }),
    reason: t.exposeString("reason", { nullable: true, description: "Why there is no curve." }),
  }),
});

export const ConcentrationType = builder.objectRef<Concentration>("Concentration").implement({
  description: "How few heads carry the mass of |effect|.",
  fields: (t) => ({
    heads: t.exposeInt("heads", { description: "Heads of the model." }),
    effectiveHeads: t.exposeFloat("effectiveHeads", {
      nullable: true,
      description:
        "(sum |e|)^2 / sum e^2: the number of heads of equal effect that would be as concentrated.",
    }),
    effectiveShare: t.exposeFloat("effectiveShare", {
      nullable: true,
      description: "The same as a share of all heads.",
    }),
    top1Share: t.exposeFloat("top1Share", { nullable: true, description: "Share of the largest head." }),
    top5Share: t.exposeFloat("top5Share", { nullable: true, description: "Share of the largest five." }),
    headsTo50: t.exposeInt("headsTo50", {
      nullable: true,
      description: "Least number of heads that have half of the mass.",
    }),
    headsTo80: t.exposeInt("headsTo80", {
      nullable: true,
      description: "Least number of heads that have 80 % of it.",
    }),
    reason: t.exposeString("reason", { nullable: true, description: "Why there are no numbers." }),
  }),
});
