import { FLOW_EDGE_KINDS, type FlowEdgeKind } from "@recallscope/engine";
import type { PromptFlow } from "../../live/flow.ts";
import { builder } from "../builder.ts";
import { LivePairType } from "./token.ts";

const KINDS: Record<FlowEdgeKind, string> = {
  SUBJECT_TO_HEAD:
    "The head's z at the last position takes its value of the corrupted run and everything after it follows (activation patching, noising). As the prompts differ in the subject only, this is all that the subject does through the head at that position.",
  HEAD_TO_ANSWER:
    "Path patching of the head's output to the final residual stream, attention and MLPs after it frozen: what the head itself writes for the answer; its direct logit attribution clean - corrupted, but for the final norm's scale.",
  HEAD_TO_MLP:
    "Path patching of the head's output to the input of one MLP, attention and MLPs in between frozen, everything after that MLP recomputed: what of the head reaches the answer through this MLP's input.",
  MLP_TO_ANSWER:
    "Path patching of the MLP's output to the final residual stream, attention and MLPs after it frozen: what the MLP itself writes for the answer, of whatever it was told by.",
};

const FlowEdgeKindType = builder.enumType("FlowEdgeKind", {
  description: "What an edge's number is: an experiment of its own for each kind.",
  values: Object.fromEntries(FLOW_EDGE_KINDS.map((kind) => [kind, { description: KINDS[kind] }])) as Record<
    FlowEdgeKind,
    { description: string }
  >,
});

const FlowEdgeType = builder.objectRef<PromptFlow["edges"][number]>("FlowEdge").implement({
  description: "What one part of the model passes to another.",
  fields: (t) => ({
    from: t.exposeString("from", { description: "`subject`, a head such as L9H8, or an MLP such as MLP9." }),
    to: t.exposeString("to", { description: "A head, an MLP, or `answer`." }),
    kind: t.expose("kind", { type: FlowEdgeKindType, description: "What the number is." }),
    layer: t.exposeInt("layer", { nullable: true, description: "Layer of the head or MLP at its end." }),
    effect: t.exposeFloat("effect", {
      description:
        "LD(clean) - LD(patched) in logits, LD = logit(answer) - logit(wrong): positive = what passes here speaks for the answer.",
    }),
    share: t.exposeFloat("share", {
      nullable: true,
      description: "effect / (LD(clean) - LD(corrupted)); null where there are no shares, see `reason`.",
    }),
  }),
});

const FlowHead = builder.objectRef<{ layer: number; head: number }>("FlowHead").implement({
  description: "A head of the flow.",
  fields: (t) => ({
    label: t.string({ description: "E.g. L9H8.", resolve: ({ layer, head }) => `L${layer}H${head}` }),
    layer: t.exposeInt("layer", { description: "Layer." }),
    head: t.exposeInt("head", { description: "Head." }),
  }),
});

export const LiveFlowType = builder.objectRef<PromptFlow>("LiveFlow").implement({
  description:
    "How the subject reaches the answer in one prompt: subject -> head -> MLP -> answer. Every edge is an experiment of its own on the clean run, so edges at a node need not add up: models are not linear.",
  fields: (t) => ({
    pair: t.expose("pair", { type: LivePairType, description: "The prompt and its counterfactual." }),
    clean: t.exposeFloat("clean", { description: "LD = logit(answer) - logit(wrong) of the clean run." }),
    corrupted: t.exposeFloat("corrupted", { description: "LD of the corrupted run." }),
    heads: t.expose("heads", { type: [FlowHead], description: "The heads it goes through." }),
    edges: t.expose("edges", { type: [FlowEdgeType], description: "All edges, small ones too." }),
    reason: t.exposeString("reason", { nullable: true, description: "Why there are no shares." }),
  }),
});
