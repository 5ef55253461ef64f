import type { DecompositionReport, HeadWeight, MlpActivationReport } from "@recallscope/engine";
import { builder } from "./builder.ts";
import { firstOf, largestFirst } from "./list-arguments.ts";

export const Regressors = builder.enumType("Regressors", {
  description: "What the MLP's output is explained by.",
  values: {
    R1: {
      description:
        "The heads of the last attention the MLP reads: its own layer's, in parallel blocks that of the layer before.",
    },
    R2: { description: "The heads of that and all earlier layers." },
  } as const,
});

const WeightVerdict = builder.enumType("WeightVerdict", {
  description: "What an MLP does to a head's output; the residual stream then carries 1 + weight of it.",
  values: {
    AMPLIFIED: { value: "amplified", description: "Weight above 0." },
    ERASED: { value: "erased", description: "Weight near -1: nothing is left." },
    DAMPED: { value: "damped", description: "Weight between -1 and 0." },
    INVERTED: { value: "inverted", description: "Weight below -1: the sign turns." },
    NO_EVIDENCE: { value: "no evidence", description: "The interval holds 0." },
    NOT_IDENTIFIABLE: {
      value: "not identifiable",
      description: "The data cannot tell this head from others.",
    },
  } as const,
});

const HeadWeightType = builder.objectRef<HeadWeight>("HeadWeight").implement({
  description: "How strongly an MLP answers to one head.",
  fields: (t) => ({
    layer: t.exposeInt("layer", { description: "The head's layer." }),
    head: t.exposeInt("head", { description: "The head." }),
    label: t.exposeString("label", { description: "E.g. L9H8." }),
    weight: t.exposeFloat("weight", { nullable: true, description: "Regression weight." }),
    low: t.exposeFloat("low", { nullable: true, description: "Lower bound of its 95 % interval." }),
    high: t.exposeFloat("high", { nullable: true, description: "Upper bound." }),
    standardError: t.exposeFloat("standardError", {
      nullable: true,
      description: "Cluster-robust over facts.",
    }),
    varianceInflation: t.exposeFloat("varianceInflation", {
      nullable: true,
      description:
        "How much likeness to other heads inflates the weight's variance (1 = not); null where they are linearly dependent.",
    }),
    identifiable: t.exposeBoolean("identifiable", {
      description: "Whether the data tell this head from the others.",
    }),
    verdict: t.expose("verdict", { type: WeightVerdict, description: "What that means." }),
  }),
});

const WeightOrder = builder.enumType("WeightOrder", {
  description: "Order of weights.",
  values: {
    POSITION: { description: "By layer, then head." },
    SIZE: { description: "By |weight|, largest first." },
  } as const,
});
const size = ({ weight }: HeadWeight): number | null => (weight === null ? null : Math.abs(weight));

const Decomposition = builder.objectRef<DecompositionReport>("Decomposition").implement({
  description:
    "An MLP's output at the last position as a weighted sum of what heads wrote, plus an intercept.",
  fields: (t) => ({
    layer: t.exposeInt("layer", { description: "The MLP's layer." }),
    regressors: t.expose("regressors", { type: Regressors, description: "What it is explained by." }),
    pooling: t.exposeString("pooling", { description: "How prompts and dimensions are pooled." }),
    centred: t.exposeBoolean("centred", { description: "Whether means were taken off first." }),
    lambda: t.exposeFloat("lambda", { nullable: true, description: "Ridge; null: none." }),
    rank: t.exposeInt("rank", { description: "Rank of the regressors." }),
    condition: t.exposeFloat("condition", { nullable: true, description: "Their condition number." }),
    r2Within: t.exposeFloat("r2Within", {
      nullable: true,
      description: "Share of the variance explained on the same facts.",
    }),
    r2Uncentred: t.exposeFloat("r2Uncentred", {
      nullable: true,
      description: "The same without taking off means: quote it with `r2Mean` only.",
    }),
    r2Mean: t.exposeFloat("r2Mean", {
      nullable: true,
      description: "What the mean alone reaches, uncentred.",
    }),
    r2HeldOut: t.float({
      nullable: true,
      description: "Share explained on facts that were held out; mean over folds.",
      resolve: (d) => d.r2HeldOut.mean,
    }),
    r2HeldOutSd: t.float({
      nullable: true,
      description: "Its standard deviation over folds.",
      resolve: (d) => d.r2HeldOut.sd,
    }),
    folds: t.int({ description: "Folds.", resolve: (d) => d.r2HeldOut.folds }),
    r2HeldOutReason: t.string({
      nullable: true,
      description: "Why there is no held-out number.",
      resolve: (d) => d.r2HeldOut.reason,
    }),
    weights: t.field({
      type: [HeadWeightType],
      description: "One per head.",
      args: {
        verdict: t.arg({ type: [WeightVerdict], description: "Only those of these verdicts." }),
        orderBy: t.arg({ type: WeightOrder, defaultValue: "POSITION", description: "Their order." }),
        first: t.arg.int({ description: "Only so many of them, 0 or more." }),
      },
      resolve: ({ weights }, { verdict, orderBy, first }) => {
        const wanted = weights.filter((own) => verdict == null || verdict.includes(own.verdict));
        return firstOf(orderBy === "SIZE" ? largestFirst(wanted, size) : wanted, first);
      },
    }),
    interceptNorm: t.exposeFloat("interceptNorm", { description: "Length of the intercept." }),
    reason: t.exposeString("reason", { nullable: true, description: "Why numbers are missing." }),
  }),
});

export const MlpActivation = builder.objectRef<MlpActivationReport>("MlpActivation").implement({
  description: "What MLPs do with what the heads brought: erase, damp, invert or amplify it.",
  fields: (t) => ({
    headlineLayer: t.exposeInt("headlineLayer", {
      nullable: true,
      description: "Layer whose MLP adds most to the answer against the other candidates.",
    }),
    decompositions: t.field({
      type: [Decomposition],
      description: "One per layer and set of regressors.",
      args: {
        regressors: t.arg({ type: Regressors, description: "Only these." }),
        layer: t.arg.int({ description: "Only this layer." }),
      },
      resolve: ({ decompositions }, { regressors, layer }) =>
        decompositions.filter(
          (d) => (regressors == null || d.regressors === regressors) && (layer == null || d.layer === layer),
        ),
    }),
  }),
});
