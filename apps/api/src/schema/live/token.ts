import type { ComparedToken, LivePair, ShownReading, ShownToken } from "@recallscope/engine";
import { builder } from "../builder.ts";

export const LiveToken = builder.objectRef<ShownToken>("LiveToken").implement({
  description: "A token.",
  fields: (t) => ({
    id: t.exposeInt("id", { description: "Token id." }),
    text: t.exposeString("text", { description: "Its text, with its leading blank." }),
  }),
});

export const LivePairType = builder.objectRef<LivePair>("LivePair").implement({
  description:
    "A prompt of a run and its counterfactual, the same prompt about another subject, as the run paired them.",
  fields: (t) => ({
    clean: t.expose("clean", { type: [LiveToken], description: "The prompt." }),
    corrupted: t.expose("corrupted", {
      type: [LiveToken],
      description: "The counterfactual, of as many tokens.",
    }),
    answer: t.expose("answer", { type: LiveToken, description: "First token of the answer." }),
    wrong: t.expose("wrong", { type: LiveToken, description: "First token of the counterfactual's answer." }),
  }),
});

export const TokenReading = builder.objectRef<ShownReading>("TokenReading").implement({
  description: "What the last position says of a token.",
  fields: (t) => ({
    token: t.exposeInt("token", { description: "Token id." }),
    text: t.exposeString("text", { description: "Its text." }),
    logit: t.exposeFloat("logit", { description: "Its logit." }),
    probability: t.exposeFloat("probability", { description: "Its probability." }),
    rank: t.exposeInt("rank", { description: "Tokens with a larger logit; 0 = top." }),
  }),
});

export const ComparedTokenType = builder.objectRef<ComparedToken>("ComparedToken").implement({
  description: "A token that is among the likeliest before or after the changes, or the answer.",
  fields: (t) => ({
    token: t.exposeInt("token", { description: "Token id." }),
    text: t.exposeString("text", { description: "Its text." }),
    before: t.field({
      type: TokenReading,
      description: "Without the changes.",
      resolve: ({ before, text }) => ({ ...before, text }),
    }),
    after: t.field({
      type: TokenReading,
      description: "With them.",
      resolve: ({ after, text }) => ({ ...after, text }),
    }),
  }),
});
