import type { FunctionApplicationReport, InterceptReport, TokenReadout } from "@recallscope/engine";
import { builder } from "./builder.ts";
import { EstimateType } from "./estimate.ts";
import { firstOf } from "./list-arguments.ts";
import { Regressors } from "./mlp-activation.ts";

const TokenReadoutType = builder.objectRef<TokenReadout>("TokenReadout").implement({
  description: "A token, and how much a vector promotes it.",
  fields: (t) => ({
    token: t.exposeInt("token", { description: "Token id." }),
    text: t.exposeString("text", { description: "Text of the token." }),
    value: t.exposeFloat("value", { description: "Centred logit." }),
    candidate: t.exposeBoolean("candidate", { description: "Whether it begins one of the task's answers." }),
  }),
});

const Intercept = builder.objectRef<InterceptReport>("Intercept").implement({
  description:
    "What an MLP adds whatever the heads brought, read out through the unembedding: the function's own contribution.",
  fields: (t) => ({
    layer: t.exposeInt("layer", { description: "The MLP's layer." }),
    regressors: t.expose("regressors", { type: Regressors, description: "The decomposition it belongs to." }),
    top: t.field({
      type: [TokenReadoutType],
      description: "Tokens it promotes most.",
      args: { first: t.arg.int({ description: "Only so many of them, 0 or more." }) },
      resolve: ({ top }, { first }) => firstOf(top, first),
    }),
    bottom: t.field({
      type: [TokenReadoutType],
      description: "Tokens it suppresses most.",
      args: { first: t.arg.int({ description: "Only so many of them, 0 or more." }) },
      resolve: ({ bottom }, { first }) => firstOf(bottom, first),
    }),
    candidatesInTop: t.exposeInt("candidatesInTop", { description: "Candidates among the top 20." }),
    pValue: t.exposeFloat("pValue", { description: "Chance of that many or more (hypergeometric)." }),
    typeGain: t.expose("typeGain", {
      type: EstimateType,
      description: "Its mean centred logit on the known facts' answers.",
    }),
    typeGainOfMean: t.expose("typeGainOfMean", {
      type: EstimateType,
      description: "The same for the MLP's mean output: what the intercept has to beat.",
    }),
    cosineWithMean: t.exposeFloat("cosineWithMean", {
      nullable: true,
      description: "Cosine between the intercept and the MLP's mean output.",
    }),
  }),
});

export const FunctionApplication = builder
  .objectRef<FunctionApplicationReport>("FunctionApplication")
  .implement({
    description: "Which answers MLPs promote for the relation itself.",
    fields: (t) => ({
      intercepts: t.field({
        type: [Intercept],
        description: "One per layer and set of regressors.",
        args: {
          regressors: t.arg({ type: Regressors, description: "Only these." }),
          layer: t.arg.int({ description: "Only this layer." }),
        },
        resolve: ({ intercepts }, { regressors, layer }) =>
          intercepts.filter(
            (i) =>
              (regressors == null || i.regressors === regressors) && (layer == null || i.layer === layer),
          ),
      }),
    }),
  });
