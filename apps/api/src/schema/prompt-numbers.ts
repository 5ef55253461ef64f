import type { PromptHeads, PromptLens, PromptNumbers, PromptTrajectory } from "../results/prompt-numbers.ts";
import { builder } from "./builder.ts";
import { finiteOrNull } from "./labeled-array.ts";

const PER_STATE = { nullable: { list: false, items: true } } as const;
const PER_HEAD = { nullable: { list: true, items: true } } as const;

const PromptTrajectoryType = builder.objectRef<PromptTrajectory>("PromptTrajectory").implement({
  description: "A token through the layers, on one prompt.",
  fields: (t) => ({
    rank: t.floatList({
      ...PER_STATE,
      description: "Its rank at each state, 0 = top.",
      resolve: ({ rank }) => rank.map(finiteOrNull),
    }),
    probability: t.floatList({
      ...PER_STATE,
      description: "Its probability at each state.",
      resolve: ({ probability }) => probability.map(finiteOrNull),
    }),
  }),
});

const PromptLensType = builder.objectRef<PromptLens>("PromptLens").implement({
  description: "The logit lens on one prompt.",
  fields: (t) => ({
    states: t.stringList({
      description: "Names of the states, in order.",
      resolve: ({ states }) => [...states],
    }),
    subject: t.expose("subject", { type: PromptTrajectoryType, description: "The subject's first token." }),
    answer: t.expose("answer", { type: PromptTrajectoryType, description: "The answer's first token." }),
  }),
});

const perHead = (description: string, key: "noising" | "denoising" | "effect" | "attentionToSubject") => ({
  ...PER_HEAD,
  description,
  resolve: (heads: PromptHeads) => heads[key]?.map(finiteOrNull) ?? null,
});

const PromptHeadsType = builder.objectRef<PromptHeads>("PromptHeads").implement({
  description: "Every head on one prompt; lists are layer-major.",
  fields: (t) => ({
    layers: t.exposeInt("layers", { description: "Layers." }),
    headsPerLayer: t.exposeInt("headsPerLayer", { description: "Heads of each layer." }),
    clean: t.exposeFloat("clean", {
      nullable: true,
      description: "logit(answer) - logit(donor's answer) of the clean prompt; null without a patched pair.",
    }),
    corrupted: t.exposeFloat("corrupted", {
      nullable: true,
      description: "The same of the prompt with the donor's subject.",
    }),
    noising: t.floatList(
      perHead("(clean - patched) / (clean - corrupted), the corrupted z in the clean run.", "noising"),
    ),
    denoising: t.floatList(
      perHead("(patched - corrupted) / (clean - corrupted), the clean z in the corrupted run.", "denoising"),
    ),
    effect: t.floatList(perHead("Mean of noising and denoising.", "effect")),
    reason: t.exposeString("reason", { nullable: true, description: "Why there are no effects." }),
    attentionToSubject: t.floatList(
      perHead(
        "Attention of the last position to the subject; null unless the run made the analysis `source-attribution`.",
        "attentionToSubject",
      ),
    ),
  }),
});

export const PromptNumbersType = builder.objectRef<PromptNumbers>("PromptNumbers").implement({
  description: "What a run stored of one prompt by itself; everything else it knows as means over prompts.",
  fields: (t) => ({
    prompt: t.prismaField({
      type: "Prompt",
      description: "The prompt.",
      resolve: (query, { runId, index }, _args, { prisma }) =>
        prisma.prompt.findUniqueOrThrow({ ...query, where: { runId_index: { runId, index } } }),
    }),
    lens: t.expose("lens", {
      type: PromptLensType,
      nullable: true,
      description: "The logit lens; null for prompts of facts that the model does not know.",
    }),
    heads: t.expose("heads", {
      type: PromptHeadsType,
      nullable: true,
      description: "The heads; null for prompts of facts that the model does not know.",
    }),
  }),
});
