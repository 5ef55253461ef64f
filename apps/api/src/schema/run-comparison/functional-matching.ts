import type { FunctionalMatching } from "@recallscope/engine";
import { builder } from "../builder.ts";

const MatchedHeads = builder.objectRef<FunctionalMatching["pairs"][number]>("MatchedHeads").implement({
  description: 'Two heads that do alike; never "the same head".',
  fields: (t) => ({
    baseline: t.exposeString("a", { description: "Head of the baseline." }),
    run: t.exposeString("b", { description: "Head of the other run." }),
    distance: t.exposeFloat("distance", {
      description: "Distance of their profiles, in standard deviations of the pooled features.",
    }),
  }),
});

const ShuffledCost = builder
  .objectRef<NonNullable<FunctionalMatching["shuffledCost"]>>("ShuffledCost")
  .implement({
    description: "Cost of the cheapest assignment when what heads do is shuffled.",
    fields: (t) => ({
      mean: t.exposeFloat("mean", { description: "Mean over the shuffles." }),
      low: t.exposeFloat("low", { description: "Lower bound of their 95 % range." }),
      high: t.exposeFloat("high", { description: "Upper bound." }),
    }),
  });

export const FunctionalMatchingType = builder.objectRef<FunctionalMatching>("FunctionalMatching").implement({
  description:
    "Heads of two runs matched by what they do, the smaller model's heads assigned at the least mean distance.",
  fields: (t) => ({
    features: t.exposeStringList("features", { description: "What a head's profile consists of." }),
    pairs: t.expose("pairs", { type: [MatchedHeads], description: "The cheapest assignment." }),
    excludedFromBaseline: t.exposeStringList("excludedA", {
      description: "Heads of the baseline without a complete profile.",
    }),
    excludedFromRun: t.exposeStringList("excludedB", { description: "Heads of the other run without one." }),
    cost: t.exposeFloat("cost", { nullable: true, description: "Mean distance of the pairs." }),
    randomCost: t.exposeFloat("randomCost", {
      nullable: true,
      description: "Mean distance when heads are paired by chance.",
    }),
    shuffledCost: t.expose("shuffledCost", {
      type: ShuffledCost,
      nullable: true,
      description: "What the cost must be seen beside: every two models have a cheapest assignment.",
    }),
    pValue: t.exposeFloat("pValue", {
      nullable: true,
      description: "Share of shuffles at most as expensive, (1 + n) / (1 + permutations).",
    }),
    permutations: t.exposeInt("permutations", { description: "Shuffles made." }),
    reason: t.exposeString("reason", { nullable: true, description: "Why there is no assignment." }),
  }),
});
