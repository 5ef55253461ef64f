import {
  type ComparedHead,
  type ComparedMetric,
  centreOfMassDelta,
  depthDistance,
  loneFacts,
} from "@recallscope/engine";
import type { StoredComparison } from "../../run-comparison/stored-comparison.ts";
import { builder } from "../builder.ts";
import { EstimateType } from "../estimate.ts";
import { firstOf, largestFirst } from "../list-arguments.ts";
import { FunctionalMatchingType } from "./functional-matching.ts";
import { HeadOverlapType } from "./head-overlap.ts";

const ComparedMetricType = builder.objectRef<ComparedMetric>("ComparedMetric").implement({
  description: "A metric of two runs: each on its own known facts, and both on what they share.",
  fields: (t) => ({
    metric: t.exposeString("metric", { description: "E.g. `logProb`." }),
    unit: t.exposeString("unit", { description: "probability, nats, logit, rank or share." }),
    baseline: t.expose("a", { type: EstimateType, description: "The baseline's, on the facts it knows." }),
    run: t.expose("b", { type: EstimateType, description: "The run's, on the facts it knows." }),
    sharedBaseline: t.expose("sharedA", {
      type: EstimateType,
      description: "The baseline's, on prompts of both.",
    }),
    sharedRun: t.expose("sharedB", { type: EstimateType, description: "The run's, on prompts of both." }),
    delta: t.expose("delta", {
      type: EstimateType,
      description: "Run minus baseline, paired by prompt; the interval draws facts.",
    }),
    pValue: t.exposeFloat("pValue", {
      nullable: true,
      description: "Two-sided sign-flip test of `delta` over facts.",
    }),
    correlation: t.exposeFloat("correlation", {
      nullable: true,
      description: "Pearson correlation of the facts' means; null where one does not vary, or below 3 facts.",
    }),
  }),
});

const ComparedHeadType = builder.objectRef<ComparedHead>("ComparedHead").implement({
  description: "The patching effect of one head in two runs.",
  fields: (t) => ({
    label: t.exposeString("label", { description: "E.g. L9H8." }),
    baseline: t.expose("a", { type: EstimateType, description: "In the baseline." }),
    run: t.expose("b", { type: EstimateType, description: "In the run." }),
    delta: t.expose("delta", {
      type: EstimateType,
      description: "Run minus baseline on the pairs that both have; the interval draws facts.",
    }),
  }),
});

const ComparedHeadOrder = builder.enumType("ComparedHeadOrder", {
  description: "Order of compared heads.",
  values: {
    POSITION: { description: "By layer, then head." },
    DELTA: { description: "By |delta|, largest first; without a number last." },
  } as const,
});

const LoneFact = builder.objectRef<{ subject: string; answer: string }>("LoneFact").implement({
  description: "A fact that only one of two runs knows.",
  fields: (t) => ({
    subject: t.exposeString("subject", { description: "Subject." }),
    answer: t.exposeString("answer", { description: "Answer." }),
  }),
});

export interface AgainstBaseline {
  comparison: StoredComparison;
  place: number;
}
const pairingOf = ({ comparison, place }: AgainstBaseline) => comparison.pairing(place);

export const BaselineComparison = builder.objectRef<AgainstBaseline>("BaselineComparison").implement({
  description:
    "A run against the baseline, on the facts and prompts that both know; what was left out is counted.",
  fields: (t) => ({
    sameModel: t.boolean({
      description: "Whether both are of the same weights; only then heads correspond.",
      resolve: async (parent) => (await pairingOf(parent)).sameModel,
    }),
    sameTask: t.boolean({
      description: "Whether both are of one task; only then prompts are paired.",
      resolve: async (parent) => (await pairingOf(parent)).sameTask,
    }),
    sharedFacts: t.int({
      description: "Facts that both know.",
      resolve: async (parent) => (await pairingOf(parent)).shared.size,
    }),
    onlyBaseline: t.field({
      type: [LoneFact],
      description: "Facts that only the baseline knows.",
      resolve: async (parent) => {
        const pairing = await pairingOf(parent);
        return loneFacts(pairing.a, pairing);
      },
    }),
    onlyRun: t.field({
      type: [LoneFact],
      description: "Facts that only the run knows.",
      resolve: async (parent) => {
        const pairing = await pairingOf(parent);
        return loneFacts(pairing.b, pairing);
      },
    }),
    sharedPrompts: t.int({
      description: "Prompts of shared facts in both.",
      resolve: async (parent) => (await pairingOf(parent)).sharedPrompts,
    }),
    promptsOnlyBaseline: t.int({
      description: "Prompts of shared facts that only the baseline has.",
      resolve: async (parent) => (await pairingOf(parent)).promptsOnlyA,
    }),
    promptsOnlyRun: t.int({
      description: "Prompts of shared facts that only the run has.",
      resolve: async (parent) => (await pairingOf(parent)).promptsOnlyB,
    }),
    metrics: t.field({
      type: [ComparedMetricType],
      description: "Every metric of prompts, paired.",
      resolve: ({ comparison, place }) => comparison.metrics(place),
    }),
    depthDistance: t.float({
      nullable: true,
      description:
        "Area between the two cumulative mass curves over depth: 0 the same, 1 first against last layer.",
      resolve: async ({ comparison, place }) => {
        const [own, first] = [await comparison.row(place), await comparison.row(comparison.baseline)];
        return depthDistance(first.depth, own.depth);
      },
    }),
    centreOfMassDelta: t.field({
      type: EstimateType,
      description: "How much deeper the run's head effects lie, on the pairs that both have.",
      resolve: async (parent) => centreOfMassDelta(await pairingOf(parent)),
    }),
    overlap: t.field({
      type: HeadOverlapType,
      description: "Which heads the baseline (A) and the run (B) share at the top.",
      resolve: ({ comparison, place }) => comparison.overlap(comparison.baseline, place),
    }),
    heads: t.field({
      type: [ComparedHeadType],
      description: "Head by head; none where heads do not correspond or nothing can be paired.",
      args: {
        orderBy: t.arg({ type: ComparedHeadOrder, defaultValue: "POSITION", description: "Their order." }),
        first: t.arg.int({ description: "Only so many of them, 0 or more." }),
      },
      resolve: async ({ comparison, place }, { orderBy, first }) => {
        const heads = await comparison.heads(place);
        if (!Array.isArray(heads)) return [];
        return firstOf(orderBy === "DELTA" ? largestFirst(heads, size) : heads, first);
      },
    }),
    headsReason: t.string({
      nullable: true,
      description: "Why there are no heads.",
      resolve: async ({ comparison, place }) => {
        const heads = await comparison.heads(place);
        return Array.isArray(heads) ? null : heads.reason;
      },
    }),
    matching: t.field({
      type: FunctionalMatchingType,
      description: "Heads of both matched by what they do, for different models above all.",
      args: {
        permutations: t.arg.int({
          description:
            "Shuffles that the cost is tested against, 0 to 999; default: 99, or as many as large models leave time for.",
        }),
      },
      resolve: ({ comparison, place }, { permutations }) =>
        comparison.matching(place, permutations ?? comparison.usualPermutations(place)),
    }),
  }),
});

const size = ({ delta }: ComparedHead): number | null =>
  delta.value === null ? null : Math.abs(delta.value);
