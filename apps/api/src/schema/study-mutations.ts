import { z } from "zod";
import { settingsInput, withDefaults } from "../runs/settings.ts";
import type { Services } from "../services.ts";
import { MAX_CELLS } from "../studies/axes.ts";
import { createStudy } from "../studies/create-study.ts";
import { deleteStudy } from "../studies/delete-study.ts";
import { extendStudy } from "../studies/extend-study.ts";
import { type Filled, fillStudy } from "../studies/fill-study.ts";
import { findStudyId } from "../studies/find-study.ts";
import { updateStudy } from "../studies/update-study.ts";
import { MAX_NAME, MAX_NOTE, name, note } from "../text.ts";
import { builder } from "./builder.ts";
import { encodeId, plainIdOf } from "./ids.ts";
import { RunSettingsInput } from "./run-settings.ts";

const side = <T extends z.ZodType>(what: string, entry: T, least: number) => {
  const error = `${what}: allowed are ${least} to ${MAX_CELLS}`;
  return z.array(entry).min(least, { error }).max(MAX_CELLS, { error });
};
const MODELS = "Names in models/, absolute folders, or hub ids.";
const NAME = `Its name: 1 to ${MAX_NAME} characters in one line, unlike that of any other study.`;
const NOTE = `Up to ${MAX_NOTE} characters about it`;
const named = (what: string) => {
  const error = `${what}: allowed are 1 to 1000 characters`;
  return z.string().trim().min(1, { error }).max(1000, { error });
};

const CreateStudyInput = builder
  .inputType("CreateStudyInput", {
    description: "Which grid to run.",
    fields: (t) => ({
      name: t.string({ required: true, description: NAME }),
      note: t.string({ description: `${NOTE}.` }),
      models: t.stringList({ required: true, description: MODELS }),
      tasks: t.stringList({ required: true, description: "Slugs of tasks." }),
      settings: t.field({
        type: [RunSettingsInput],
        description: "How to ask and count; default: once, with all defaults.",
      }),
    }),
  })
  .validate(
    z.object({
      name: name("study"),
      note,
      models: side("models", named("model"), 1),
      tasks: side("tasks", named("task"), 1),
      settings: side("settings", settingsInput, 1).nullish(),
    }),
  );

const ExtendStudyInput = builder
  .inputType("ExtendStudyInput", {
    description: "What to add to which study; what it has already is ignored.",
    fields: (t) => ({
      id: t.id({ required: true, description: "Id or name." }),
      models: t.stringList({ description: MODELS }),
      tasks: t.stringList({ description: "Slugs of tasks." }),
      settings: t.field({ type: [RunSettingsInput], description: "How to ask and count." }),
    }),
  })
  .validate(
    z.object({
      id: z.string(),
      models: side("models", named("model"), 0).nullish(),
      tasks: side("tasks", named("task"), 0).nullish(),
      settings: side("settings", settingsInput, 0).nullish(),
    }),
  );

const RetryStudyInput = builder.inputType("RetryStudyInput", {
  description: "Which study to complete.",
  fields: (t) => ({ id: t.id({ required: true, description: "Id or name." }) }),
});

const UpdateStudyInput = builder
  .inputType("UpdateStudyInput", {
    description: "What to change of which study; what is left out stays.",
    fields: (t) => ({
      id: t.id({ required: true, description: "Id or name." }),
      name: t.string({ description: NAME }),
      note: t.string({ description: `${NOTE}, in place of what was there; empty or null: none.` }),
    }),
  })
  .validate(z.object({ id: z.string(), name: name("study").nullish(), note }));

const DeleteStudyInput = builder.inputType("DeleteStudyInput", {
  description: "Which study to remove.",
  fields: (t) => ({ id: t.id({ required: true, description: "Id or name." }) }),
});

interface Changed extends Filled {
  id: string;
  created: boolean;
}
const StudyPayload = builder.objectRef<Changed>("StudyPayload").implement({
  description: "A study after a change, and what the change did.",
  fields: (t) => ({
    study: t.prismaField({
      type: "Study",
      description: "The study as it is now.",
      resolve: (query, { id }, _args, { prisma }) =>
        prisma.study.findUniqueOrThrow({ ...query, where: { id } }),
    }),
    created: t.exposeBoolean("created", { description: "Whether the study is new." }),
    queued: t.exposeInt("queued", { description: "Cells for which a run was queued." }),
    found: t.exposeInt("found", {
      description: "Cells whose run the store had already, finished or on its way.",
    }),
  }),
});

const DeleteStudyPayload = builder.objectRef<{ id: string }>("DeleteStudyPayload").implement({
  description: "The study that was removed.",
  fields: (t) => ({
    deletedId: t.id({ description: "Its id.", resolve: ({ id }) => encodeId("Study", id) }),
  }),
});

const existing = ({ prisma }: Services, given: string) => findStudyId(prisma, plainIdOf("Study", given));
const UNCHANGED = { created: false, queued: 0, found: 0 };
const OF_THE_GRID = "MODEL_NOT_FOUND, MODEL_NOT_ALLOWED, TASK_NOT_FOUND, BAD_USER_INPUT";

builder.mutationFields((t) => ({
  createStudy: t.field({
    type: StudyPayload,
    description: `Makes a study and queues, or finds, the run of every cell; up to ${MAX_CELLS} cells. The same grid under the same name is the study that is there. Errors: NAME_TAKEN, ${OF_THE_GRID}.`,
    args: { input: t.arg({ type: CreateStudyInput, required: true, description: "Which grid." }) },
    resolve: (_parent, { input: { name, note, models, tasks, settings } }, services) =>
      createStudy(services, {
        name,
        note: note ?? null,
        models,
        tasks,
        settings: (settings ?? [null]).map(withDefaults),
        createdById: services.actor.id,
      }),
  }),
  extendStudy: t.field({
    type: StudyPayload,
    description: `Adds models, tasks or settings to a study and queues, or finds, the runs of the new cells. Errors: NOT_FOUND, ${OF_THE_GRID}.`,
    args: { input: t.arg({ type: ExtendStudyInput, required: true, description: "What to add." }) },
    resolve: async (_parent, { input: { models, tasks, settings, ...input } }, services) => {
      const id = await existing(services, input.id);
      const filled = await extendStudy(services, id, {
        models: models ?? [],
        tasks: tasks ?? [],
        settings: (settings ?? []).map(withDefaults),
        createdById: services.actor.id,
      });
      return { id, created: false, ...filled };
    },
  }),
  retryStudy: t.field({
    type: StudyPayload,
    description:
      "Queues, or finds, a run for every cell that has none, or whose run failed or was cancelled. Errors: NOT_FOUND, MODEL_NOT_FOUND, MODEL_NOT_ALLOWED.",
    args: { input: t.arg({ type: RetryStudyInput, required: true, description: "Which study." }) },
    resolve: async (_parent, { input }, services) => {
      const id = await existing(services, input.id);
      const filled = await fillStudy(services, id, { createdById: services.actor.id, retry: true });
      return { id, created: false, ...filled };
    },
  }),
  updateStudy: t.field({
    type: StudyPayload,
    description: "Renames a study, or writes its note. Errors: NOT_FOUND, NAME_TAKEN, BAD_USER_INPUT.",
    args: { input: t.arg({ type: UpdateStudyInput, required: true, description: "What to change." }) },
    resolve: async (_parent, { input: { name, note, ...input } }, services) => {
      const id = await existing(services, input.id);
      await updateStudy(services, id, { name: name ?? undefined, note });
      return { id, ...UNCHANGED };
    },
  }),
  deleteStudy: t.field({
    type: DeleteStudyPayload,
    description:
      "Removes a study; its runs stay. Somebody else's needs the role admin. Errors: NOT_FOUND, FORBIDDEN.",
    args: { input: t.arg({ type: DeleteStudyInput, required: true, description: "Which study." }) },
    resolve: async (_parent, { input }, services) => {
      const id = await existing(services, input.id);
      await deleteStudy(services, id, services.actor);
      return { id };
    },
  }),
}));
