import type { Readings } from "@recallscope/engine";
import type { Intervention } from "../../live/intervention.ts";
import { builder } from "../builder.ts";
import { ComparedTokenType, LiveToken, TokenReading } from "./token.ts";

const LiveReadingType = builder.objectRef<Readings>("LiveReading").implement({
  description: "What the last position says.",
  fields: (t) => ({
    top: t.expose("top", { type: [TokenReading], description: "The likeliest tokens, likeliest first." }),
    answer: t.expose("answer", {
      type: TokenReading,
      nullable: true,
      description: "The answer's first token, wherever it stands; null where none is wanted.",
    }),
  }),
});

const AddedIntercept = builder.objectRef<NonNullable<Intervention["intercept"]>>("AddedIntercept").implement({
  description: "The vector that was added.",
  fields: (t) => ({
    norm: t.exposeFloat("norm", { description: "Its length, times 1." }),
    prompts: t.exposeInt("prompts", { description: "Prompts of known facts that it is a mean over." }),
  }),
});

export const InterventionType = builder.objectRef<Intervention>("Intervention").implement({
  description: "What the model says of the prompt before and after the changes.",
  fields: (t) => ({
    tokens: t.expose("tokens", { type: [LiveToken], description: "Tokens of the prompt." }),
    answerToken: t.exposeInt("answerToken", {
      nullable: true,
      description: "Token id of the answer; null where none is wanted.",
    }),
    before: t.expose("before", { type: LiveReadingType, description: "Without the changes." }),
    after: t.expose("after", {
      type: LiveReadingType,
      description: "With them; the same to the bit where every factor is 1 and nothing is added.",
    }),
    compared: t.expose("compared", {
      type: [ComparedTokenType],
      description: "The likeliest tokens of both and the answer, by their logit after the changes.",
    }),
    intercept: t.expose("intercept", {
      type: AddedIntercept,
      nullable: true,
      description: "The intercept that was added; null: none.",
    }),
  }),
});
