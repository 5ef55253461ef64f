import type { RunPreview } from "@recallscope/engine";
import { z } from "zod";
import { type PreviewOfRun, previewRun } from "../runs/preview-run.ts";
import { deviceInput, settingsInput, withDefaults } from "../runs/settings.ts";
import type { TimeEstimate } from "../runs/time-of-runs.ts";
import { builder } from "./builder.ts";
import { RunSettingsInput } from "./run-settings.ts";
import { DroppedFact } from "./task-report.ts";

const MAX_PREVIEW = 100;
const error = `first: allowed are whole numbers from 0 to ${MAX_PREVIEW}`;

const PromptPreviewInput = builder
  .inputType("PromptPreviewInput", {
    description: "What would be run.",
    fields: (t) => ({
      model: t.string({ required: true, description: "Name in models/, absolute folder, or hub id." }),
      task: t.string({ required: true, description: "Slug of the task." }),
      settings: t.field({ type: RunSettingsInput, description: "How to ask." }),
      device: t.string({ description: "What it is to be computed on, for its `command`." }),
      first: t.int({ description: `How many prompts to show, 0 to ${MAX_PREVIEW}; default 6.` }),
    }),
  })
  .validate(
    z.object({
      model: z.string().trim().min(1).max(1000),
      task: z.string().trim().min(1).max(200),
      settings: settingsInput.nullish(),
      device: deviceInput,
      first: z.int({ error }).min(0, { error }).max(MAX_PREVIEW, { error }).nullish(),
    }),
  );

const PreviewPrompt = builder.objectRef<RunPreview["prompts"][number]>("PreviewPrompt").implement({
  description: "A prompt as the model would read it.",
  fields: (t) => ({
    text: t.exposeString("text", { description: "The text." }),
    tokens: t.exposeStringList("tokens", { description: "Texts of its tokens." }),
    subjectStart: t.exposeInt("subjectStart", { description: "First token of the subject." }),
    subjectEnd: t.exposeInt("subjectEnd", { description: "Token after the subject's last." }),
    subject: t.exposeString("subject", { description: "What is asked about." }),
    answer: t.exposeString("answer", { description: "The right answer." }),
    answerToken: t.exposeString("answerToken", { description: "Text of the answer's first token." }),
  }),
});

const TimeEstimateType = builder.objectRef<TimeEstimate>("TimeEstimate").implement({
  description:
    "How long a run would be computed, by earlier runs of the same model, shots and further analyses.",
  fields: (t) => ({
    seconds: t.exposeFloat("seconds", { description: "By the median of their time for each forward pass." }),
    fastest: t.exposeFloat("fastest", { description: "By the quickest of them." }),
    slowest: t.exposeFloat("slowest", { description: "By the slowest of them." }),
    runs: t.exposeInt("runs", { description: "Earlier runs behind it, the newest at most 9." }),
  }),
});

const PromptPreview = builder.objectRef<PreviewOfRun>("PromptPreview").implement({
  description: "What a run would ask, and what it would cost.",
  fields: (t) => ({
    promptCount: t.exposeInt("promptCount", { description: "Prompts of the run." }),
    factsAdmitted: t.exposeInt("factsAdmitted", { description: "Facts that can be asked of this model." }),
    dropped: t.expose("dropped", { type: [DroppedFact], description: "Facts that would be left out." }),
    prompts: t.expose("prompts", { type: [PreviewPrompt], description: "The first prompts." }),
    warnings: t.exposeStringList("warnings", { description: "What a reader must know." }),
    passes: t.exposeInt("passes", { description: "Forward passes if every fact is known." }),
    memory: t.exposeFloat("memory", {
      nullable: true,
      description: "Bytes that a worker needs for it; null while nobody has opened the model.",
    }),
    time: t.expose("time", {
      type: TimeEstimateType,
      nullable: true,
      description: "How long it would be computed; null where no such run has finished here.",
    }),
    command: t.exposeString("command", { description: "The command that makes this run in a terminal." }),
  }),
});

builder.queryField("promptPreview", (t) =>
  t.field({
    type: PromptPreview,
    description:
      "What a run would ask the model: real prompts with subject and answer marked, and what would be dropped. Reads no weights.",
    args: { input: t.arg({ type: PromptPreviewInput, required: true, description: "What would be run." }) },
    resolve: (_parent, { input: { model, task, settings, device, first } }, services) =>
      previewRun(services, { model, task, settings: withDefaults(settings), device, first: first ?? 6 }),
  }),
);
