import type { SoFar } from "@recallscope/engine";
import type { RunSoFar } from "../shards/found-so-far.ts";
import { builder } from "./builder.ts";
import { EstimateType } from "./estimate.ts";
import { firstOf } from "./list-arguments.ts";

const HeadSoFar = builder.objectRef<SoFar["heads"][number]>("HeadSoFar").implement({
  description: "What patching an attention head did on the facts measured so far.",
  fields: (t) => ({
    layer: t.exposeInt("layer", { description: "Layer, from 0." }),
    head: t.exposeInt("head", { description: "Head, from 0." }),
    label: t.exposeString("label", { description: "E.g. L9H8." }),
    effect: t.expose("effect", {
      type: EstimateType,
      description:
        "Normalised effect of patching it, mean of both directions, as `argumentPassing` defines it: of the known facts measured so far. No result: it may change, has no interval, and no test says whether the head is a mover.",
    }),
  }),
});

export const RunSoFarType = builder.objectRef<RunSoFar>("RunSoFar").implement({
  description:
    "What the facts of an unfinished run that are measured so far come to, by the formulas of its report. Facts are measured in the order of the task, so the first are no sample of all: no number has an interval or a test, and any may change until the run has ended.",
  fields: (t) => ({
    factsMeasured: t.exposeInt("factsMeasured", {
      description: "Admitted facts in finished shards: those that all numbers here are of.",
    }),
    factsAdmitted: t.exposeInt("factsAdmitted", { description: "Admitted facts that the run will measure." }),
    factsKnown: t.exposeInt("factsKnown", {
      description: "Known ones among the facts measured so far; heads are patched on these only.",
    }),
    top1: t.expose("top1", {
      type: EstimateType,
      description:
        "Share of prompts with the answer on top of all tokens, of the facts measured so far: no result, may change, no interval.",
    }),
    probability: t.expose("probability", {
      type: EstimateType,
      description:
        "Mean probability of the answer, of the facts measured so far: no result, may change, no interval.",
    }),
    heads: t.field({
      type: [HeadSoFar],
      description:
        "Heads by their effect on the facts measured so far, largest first: an order that may change.",
      args: { first: t.arg.int({ description: "Only so many of them, 0 or more." }) },
      resolve: ({ heads }, { first }) => firstOf(heads, first),
    }),
  }),
});
