import type { HeadOverlap } from "@recallscope/engine";
import { builder } from "../builder.ts";

export const HeadOverlapType = builder.objectRef<HeadOverlap>("HeadOverlap").implement({
  description:
    "Which heads two runs of one model share at the top; heads of different models do not correspond.",
  fields: (t) => ({
    k: t.exposeInt("k", {
      description:
        "Size of the sets: 10 heads or 2 % of all, whichever is more; only heads with an effect above 0 count.",
    }),
    headsA: t.exposeStringList("headsA", { description: "Top heads of the first run." }),
    headsB: t.exposeStringList("headsB", { description: "Top heads of the second." }),
    common: t.exposeInt("common", { description: "How many are in both." }),
    jaccard: t.exposeFloat("jaccard", { nullable: true, description: "Intersection over union." }),
    chance: t.exposeFloat("chance", {
      nullable: true,
      description: "What sets of these sizes drawn by chance have: q / (a + b - q), q = a b / heads.",
    }),
    pValue: t.exposeFloat("pValue", {
      nullable: true,
      description: "Hypergeometric chance of as many or more in common.",
    }),
    spearman: t.exposeFloat("spearman", {
      nullable: true,
      description: "Rank correlation of the effects of all heads.",
    }),
    reason: t.exposeString("reason", { nullable: true, description: "Why numbers are missing." }),
  }),
});

/** Two of the compared runs by their places. */
export const RunPairOverlap = builder
  .objectRef<{ a: number; b: number; overlap: HeadOverlap }>("RunPairOverlap")
  .implement({
    description: "The overlap of two of the compared runs.",
    fields: (t) => ({
      a: t.exposeInt("a", { description: "Place of the first run, from 0." }),
      b: t.exposeInt("b", { description: "Place of the second." }),
      overlap: t.expose("overlap", { type: HeadOverlapType, description: "What they share." }),
    }),
  });
