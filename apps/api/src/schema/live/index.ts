import { z } from "zod";
import { attentionOfPrompt } from "../../live/attention.ts";
import { flowOfPrompt } from "../../live/flow.ts";
import { interveneOnPrompt } from "../../live/intervention.ts";
import type { LiveCaller } from "../../live/live-engine.ts";
import { findLivePrompt, type LivePrompt } from "../../live/live-prompt.ts";
import { patchPrompt } from "../../live/patching.ts";
import { builder } from "../builder.ts";
import { runIdOf } from "../ids.ts";
import { LiveAttentionType } from "./attention.ts";
import { LiveFlowType } from "./flow.ts";
import {
  HeadInput,
  headSchema,
  InterventionInput,
  interventionOf,
  LivePatchingPlaces,
  LivePromptInput,
} from "./inputs.ts";
import { InterventionType } from "./intervention.ts";
import { LivePatchingType } from "./patching.ts";

/** Of the 100,000 that an operation may cost: a handful of computations. */
const COMPUTES = 12_000;

interface Asked {
  prompt: LivePrompt;
  caller: LiveCaller;
}

const LivePromptType = builder.objectRef<Asked>("LivePrompt").implement({
  description: "One prompt, read by the model of a run while someone waits. Nothing of it is stored.",
  fields: (t) => ({
    index: t.int({
      nullable: true,
      description: "Its index in the run; null for a text of one's own.",
      resolve: ({ prompt }) => prompt.record?.index,
    }),
    text: t.string({ description: "The prompt.", resolve: ({ prompt }) => prompt.text }),
    subjectStart: t.int({
      nullable: true,
      description: "First position of the subject; null for a text of one's own.",
      resolve: ({ prompt }) => prompt.record?.subjectSpan[0],
    }),
    subjectEnd: t.int({
      nullable: true,
      description: "Position after the subject's last.",
      resolve: ({ prompt }) => prompt.record?.subjectSpan[1],
    }),
    attention: t.field({
      type: LiveAttentionType,
      description: "Where one head looks, from every position.",
      complexity: COMPUTES,
      args: {
        layer: t.arg.int({ required: true, description: "Layer, from 0." }),
        head: t.arg.int({ required: true, description: "Head, from 0." }),
      },
      resolve: ({ prompt }, place) => attentionOfPrompt(prompt, place),
    }),
    patching: t.field({
      type: LivePatchingType,
      description: "What each place carries of the difference between the prompt and its counterfactual.",
      complexity: COMPUTES,
      args: {
        over: t.arg({ type: LivePatchingPlaces, required: true, description: "What is patched." }),
        heads: t.arg({
          type: [HeadInput],
          description: "Only these heads; all of the model when left out.",
          validate: z.array(headSchema).min(1).max(2_000).nullish(),
        }),
      },
      resolve: ({ prompt }, { over, heads }, services) => patchPrompt(services, prompt, over, heads ?? null),
    }),
    flow: t.field({
      type: LiveFlowType,
      description: "How the subject reaches the answer through some heads and the MLPs after them.",
      complexity: COMPUTES,
      args: {
        heads: t.arg({
          type: [HeadInput],
          description: "Up to 12 heads; the run's strongest three when left out, movers first.",
          validate: z.array(headSchema).min(1).max(12).nullish(),
        }),
      },
      resolve: ({ prompt }, { heads }, services) => flowOfPrompt(services, prompt, heads ?? null),
    }),
    intervention: t.field({
      type: InterventionType,
      description: "What the model says when heads or MLPs are scaled, or an intercept is added.",
      complexity: COMPUTES,
      args: {
        input: t.arg({ type: InterventionInput, required: true, description: "What is changed." }),
      },
      resolve: ({ prompt, caller }, { input }, services) =>
        interveneOnPrompt(services, prompt, interventionOf(input), caller),
    }),
  }),
});

builder.queryField("livePrompt", (t) =>
  t.field({
    type: LivePromptType,
    description:
      "One prompt looked at with the model of a finished run, computed now and not stored: attention, patching, the flow from subject to answer, interventions. A query, for the role read: it changes nothing, and what it may cost is limited for each asker. Errors: RUN_NOT_FINISHED; MODEL_CHANGED where the model's files are not those of the run; NOT_FOUND and BAD_USER_INPUT with what there is; RATE_LIMITED; SUPERSEDED by a newer question of the same client; LIVE_OFF.",
    args: {
      input: t.arg({ type: LivePromptInput, required: true, description: "The prompt." }),
    },
    resolve: async (
      _parent,
      { input: { run, prompt, text, answer, client } },
      { actor, signal, ...services },
    ) => {
      const caller = { actor, client: client ?? null, signal };
      const asked = {
        run: runIdOf(String(run)),
        prompt: prompt ?? null,
        text: text ?? null,
        answer: answer ?? null,
      };
      return { prompt: await findLivePrompt(services, asked, caller), caller };
    },
  }),
);
