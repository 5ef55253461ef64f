import type { LIVE_PLACES } from "@recallscope/engine";
import { z } from "zod";
import { builder } from "../builder.ts";
import { Regressors } from "../mlp-activation.ts";

/** Factors by which a component may be scaled, and times that an intercept may be added. */
export const SCALES = [0, 2] as const;
export const ALPHAS = [-4, 4] as const;
export const MAX_CHANGES = 64;
const MAX_TEXT = 4_000;
const MAX_TOP = 50;
const USUAL_TOP = 10;

const between = (what: string, [low, high]: readonly [number, number]) => {
  const error = `${what}: allowed are numbers from ${low} to ${high}`;
  return z.number({ error }).min(low, { error }).max(high, { error });
};
const index = z.int().min(0, { error: "layers and heads count from 0" });
export const headSchema = z.object({ layer: index, head: index });
const scaledHead = headSchema.extend({ scale: between("scale of a head", SCALES) });
const scaledMlp = z.object({ layer: index, scale: between("scale of an MLP", SCALES) });
const addedIntercept = z.object({
  layer: index,
  regressors: z.enum(["R1", "R2"]).nullish(),
  alpha: between("alpha of the intercept", ALPHAS).nullish(),
});

export const HeadInput = builder.inputType("HeadInput", {
  description: "A head.",
  fields: (t) => ({
    layer: t.int({ required: true, description: "Layer, from 0." }),
    head: t.int({ required: true, description: "Head, from 0." }),
  }),
});

const scale = { required: true, description: `Factor, ${SCALES[0]} to ${SCALES[1]}; 1 = as it is.` } as const;
const ScaledHeadInput = builder.inputType("ScaledHeadInput", {
  description: "A head whose z is multiplied by a factor.",
  fields: (t) => ({
    layer: t.int({ required: true, description: "Layer, from 0." }),
    head: t.int({ required: true, description: "Head, from 0." }),
    scale: t.float(scale),
  }),
});

const ScaledMlpInput = builder.inputType("ScaledMlpInput", {
  description: "An MLP whose output, bias included, is multiplied by a factor.",
  fields: (t) => ({
    layer: t.int({ required: true, description: "Layer, from 0." }),
    scale: t.float(scale),
  }),
});

const AddedInterceptInput = builder.inputType("AddedInterceptInput", {
  description:
    "An MLP's task-aware intercept b of the run's decomposition: alpha b is added to what that MLP writes at the last position, after any scaling. The vector is b = mean m - sum_k w_k mean x_k over the run's prompts of known facts, of the same length as the run stored.",
  fields: (t) => ({
    layer: t.int({ required: true, description: "Layer of the MLP." }),
    regressors: t.field({
      type: Regressors,
      description: "Of which fit; default R2, all heads up to that layer.",
    }),
    alpha: t.float({
      description: `How many times it is added, ${ALPHAS[0]} to ${ALPHAS[1]}; default 1. -1 takes it away.`,
    }),
  }),
});

const InterventionPosition = builder.enumType("InterventionPosition", {
  description: "Where heads and MLPs are scaled.",
  values: {
    LAST: { description: "At the last position, where the answer is said." },
    ALL: { description: "At every position." },
  } as const,
});

export const InterventionInput = builder
  .inputType("InterventionInput", {
    description: "What is changed while the model reads the prompt.",
    fields: (t) => ({
      heads: t.field({ type: [ScaledHeadInput], description: "Heads to scale, each once." }),
      mlps: t.field({ type: [ScaledMlpInput], description: "MLPs to scale, each once." }),
      intercept: t.field({ type: AddedInterceptInput, description: "An intercept to add." }),
      at: t.field({ type: InterventionPosition, description: "Where to scale; default LAST." }),
      top: t.int({
        description: `How many of the likeliest tokens, 1 to ${MAX_TOP}; default ${USUAL_TOP}.`,
      }),
    }),
  })
  .validate(
    z.object({
      heads: z.array(scaledHead).max(MAX_CHANGES).nullish(),
      mlps: z.array(scaledMlp).max(MAX_CHANGES).nullish(),
      intercept: addedIntercept.nullish(),
      at: z.enum(["LAST", "ALL"]).nullish(),
      top: z
        .int()
        .min(1)
        .max(MAX_TOP, { error: `top: allowed are 1 to ${MAX_TOP}` })
        .nullish(),
    }),
  );

/** The input with its defaults. */
export const interventionOf = ({
  heads,
  mlps,
  intercept,
  at,
  top,
}: typeof InterventionInput.$inferInput) => ({
  heads: heads ?? [],
  mlps: mlps ?? [],
  intercept: intercept
    ? {
        layer: intercept.layer,
        regressors: intercept.regressors ?? ("R2" as const),
        alpha: intercept.alpha ?? 1,
      }
    : null,
  at: at ?? ("LAST" as const),
  top: top ?? USUAL_TOP,
});

const EITHER = "livePrompt: give either `prompt`, an index, or `text`";

export const LivePromptInput = builder
  .inputType("LivePromptInput", {
    description: "A prompt, and the run whose model reads it.",
    fields: (t) => ({
      run: t.id({ required: true, description: "Id or key of a finished run." }),
      prompt: t.int({ description: "Index of one of its prompts." }),
      text: t.string({
        description:
          "A text of one's own instead; it has no counterfactual, so that nothing can be patched in it.",
      }),
      answer: t.string({
        description:
          'Of a text: the one token that should follow, such as " Paris" with its blank. Prompts of the run have theirs.',
      }),
      client: t.string({
        description:
          "A name for the page or script that asks. Of its questions of one kind only the newest is answered; the others end with SUPERSEDED.",
      }),
    }),
  })
  .validate(
    z
      .object({
        run: z.union([z.string(), z.number()]),
        prompt: z.int().nullish(),
        text: z.string().min(1).max(MAX_TEXT).nullish(),
        answer: z.string().min(1).max(200).nullish(),
        client: z.string().min(1).max(100).nullish(),
      })
      .refine(({ prompt, text }) => (prompt == null) !== (text == null), { error: EITHER }),
  );

export const LivePatchingPlaces = builder.enumType("LivePatchingPlaces", {
  description: "What is patched, one place at a time.",
  values: {
    HEADS: {
      description: "Every head's z at the last position; stored by runs for the prompts they patched.",
    },
    HEADS_POSITIONS: { description: "Heads' z at every position." },
    LAYERS_POSITIONS: {
      description:
        "The residual stream before each layer (resid_pre), what its attention writes (attn_out) and what its MLP writes (mlp_out), at every position.",
    },
  } satisfies Record<(typeof LIVE_PLACES)[number], { description: string }>,
});
