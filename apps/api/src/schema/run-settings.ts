import type { RunSettings } from "@recallscope/engine";
import { settingsInput } from "../runs/settings.ts";
import { builder } from "./builder.ts";

export const KnownFilter = builder.enumType("KnownFilter", {
  description:
    "When a prompt counts as answered; a fact is known when that holds on at least half of its prompts.",
  values: {
    TOP1: { description: "The answer is the most probable token of all." },
    TOP10: { description: "The answer is among the ten most probable tokens." },
    CANDIDATE_TOP1: { description: "The answer is the most probable of the task's answers." },
  } as const,
});

export const SweepMode = builder.enumType("SweepMode", {
  description: "How the sweep over all heads and positions goes through its places.",
  values: {
    EXACT: { description: "Every place is patched." },
    SCREENED: {
      description:
        "Gradients estimate every place; those that could matter, and a random sample of the others, are patched.",
    },
  } as const,
});

export const Precision = builder.enumType("Precision", {
  description: "What products with the model's matrices are computed in; everything else is float32.",
  values: {
    F32: { description: "float32, on every device." },
    F16: { description: "float16: needs a GPU whose adapter has it, and halves what matrices take there." },
  } as const,
});

export const RunSettingsType = builder.objectRef<RunSettings>("RunSettings").implement({
  description: "How a run asks and counts.",
  fields: (t) => ({
    shots: t.exposeInt("shots", { description: "Demonstrations before the question, 0 to 8." }),
    seed: t.exposeInt("seed", {
      description: "Seed of every draw: demonstrations, pairs, resamples, folds.",
    }),
    knownFilter: t.expose("knownFilter", {
      type: KnownFilter,
      description: "When a prompt counts as answered.",
    }),
    leadIns: t.exposeInt("leadIns", {
      description: "Sentence openings per clause, 1 to 13; the first is none at all.",
    }),
    bootstrapSamples: t.exposeInt("bootstrapSamples", { description: "Resamples behind each interval." }),
    analyses: t.stringList({
      description: "Further analyses (see `furtherAnalyses`), sorted.",
      resolve: ({ analyses }) => [...analyses],
    }),
    sweepPrompts: t.exposeInt("sweepPrompts", {
      description: "Prompts of each fact that further analyses with passes per head use: its first ones.",
    }),
    sweepMode: t.field({
      type: SweepMode,
      description: "How `head-position-sweep` goes through its places.",
      // Receipts from before there was a choice do not say it.
      resolve: ({ sweepMode }) => sweepMode ?? "EXACT",
    }),
    precision: t.field({
      type: Precision,
      description: "What products with the model's matrices are computed in.",
      resolve: ({ precision }) => precision ?? "F32",
    }),
  }),
});

export const RunSettingsInput = builder
  .inputType("RunSettingsInput", {
    description: "How a run shall ask and count; what is left out has its default.",
    fields: (t) => ({
      shots: t.int({ description: "Demonstrations before the question, 0 to 8; default 0." }),
      seed: t.int({ description: "Seed of every draw; default 1." }),
      knownFilter: t.field({ type: KnownFilter, description: "Default CANDIDATE_TOP1." }),
      leadIns: t.int({ description: "Sentence openings per clause, 1 to 13; default 2." }),
      bootstrapSamples: t.int({ description: "Resamples behind each interval, 100 to 10000; default 2000." }),
      analyses: t.stringList({
        description:
          "Ids of `furtherAnalyses`; default: those that are `standard`. An empty list means none.",
      }),
      sweepPrompts: t.int({
        description:
          "Prompts of each fact that further analyses with passes per head use, 1 to 104; default 1.",
      }),
      sweepMode: t.field({
        type: SweepMode,
        description: "How `head-position-sweep` goes through its places; default EXACT.",
      }),
      precision: t.field({
        type: Precision,
        description: "What products with the model's matrices are computed in; default F32.",
      }),
    }),
  })
  .validate(settingsInput);
