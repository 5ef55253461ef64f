import { DEVICES, type Device } from "@recallscope/engine";
import { z } from "zod";
import { RunPriority as RunPriorities } from "../generated/prisma/enums.ts";
import { cancelRun } from "../runs/cancel-run.ts";
import { createRun } from "../runs/create-run.ts";
import { deleteRun, type NamedBy } from "../runs/delete-run.ts";
import { noSuchRun, whereIdOrKey } from "../runs/find-run.ts";
import { deviceInput, settingsInput, withDefaults } from "../runs/settings.ts";
import type { Services } from "../services.ts";
import { builder } from "./builder.ts";
import { encodeId, runIdOf } from "./ids.ts";
import { RunSettingsInput } from "./run-settings.ts";
import { RunPriority } from "./run-shard.ts";

const name = (what: string) => {
  const error = `${what}: allowed are 1 to 1000 characters`;
  return z.string().trim().min(1, { error }).max(1000, { error });
};

const CreateRunInput = builder
  .inputType("CreateRunInput", {
    description: "What to run.",
    fields: (t) => ({
      model: t.string({ required: true, description: "Name in models/, absolute folder, or hub id." }),
      task: t.string({ required: true, description: "Slug of the task." }),
      settings: t.field({ type: RunSettingsInput, description: "How to ask and count." }),
      force: t.boolean({ description: "Compute again even when the store has this run; default false." }),
      priority: t.field({
        type: RunPriority,
        description: "Which of several runs goes first; default NORMAL. No part of its key.",
      }),
      device: t.string({
        description: `What it is to be computed on, one that \`workers\` have: ${DEVICES.join(", ")}; default whatever its worker has. No part of its key.`,
      }),
    }),
  })
  .validate(
    z.object({
      model: name("model"),
      task: name("task"),
      settings: settingsInput.nullish(),
      force: z.boolean().nullish(),
      priority: z.enum(RunPriorities).nullish(),
      device: deviceInput,
    }),
  );

const runField = { description: "The run as it is now." } as const;

const CreateRunPayload = builder.objectRef<{ id: string; created: boolean }>("CreateRunPayload").implement({
  description: "The run that was asked for.",
  fields: (t) => ({
    run: t.prismaField({
      ...runField,
      type: "Run",
      resolve: (query, { id }, _args, { prisma }) =>
        prisma.run.findUniqueOrThrow({ ...query, where: { id } }),
    }),
    created: t.exposeBoolean("created", {
      description: "False when the store already had it, finished or on its way.",
    }),
  }),
});

const CancelRunInput = builder.inputType("CancelRunInput", {
  description: "Which run to stop.",
  fields: (t) => ({ id: t.id({ required: true, description: "Id or key of the run." }) }),
});
const DeleteRunInput = builder.inputType("DeleteRunInput", {
  description: "Which run to remove.",
  fields: (t) => ({ id: t.id({ required: true, description: "Id or key of the run." }) }),
});

const CancelRunPayload = builder.objectRef<{ id: string }>("CancelRunPayload").implement({
  description: "The run that was stopped.",
  fields: (t) => ({
    run: t.prismaField({
      ...runField,
      type: "Run",
      resolve: (query, { id }, _args, { prisma }) =>
        prisma.run.findUniqueOrThrow({ ...query, where: { id } }),
    }),
  }),
});

const DeleteRunPayload = builder.objectRef<NamedBy & { id: string }>("DeleteRunPayload").implement({
  description: "The run that was removed.",
  fields: (t) => ({
    deletedId: t.id({ description: "Its id.", resolve: ({ id }) => encodeId("Run", id) }),
    comparisons: t.prismaField({
      type: ["Comparison"],
      description: "Saved comparisons that named it: in its place they now say what it was.",
      resolve: (query, { comparisons }, _args, { prisma }) =>
        prisma.comparison.findMany({ ...query, where: { id: { in: comparisons } }, orderBy: { id: "asc" } }),
    }),
    studies: t.prismaField({
      type: ["Study"],
      description:
        "Studies that had it in their grid: its cell is now missing, and `retryStudy` makes it again.",
      resolve: (query, { studies }, _args, { prisma }) =>
        prisma.study.findMany({ ...query, where: { id: { in: studies } }, orderBy: { id: "asc" } }),
    }),
  }),
});

/** @throws ApiError NOT_FOUND */
async function existing({ prisma }: Services, given: string): Promise<string> {
  const where = whereIdOrKey(runIdOf(given));
  const run = where && (await prisma.run.findFirst({ where, orderBy: { id: "desc" }, select: { id: true } }));
  if (!run) throw noSuchRun(given);
  return run.id;
}

builder.mutationFields((t) => ({
  createRun: t.field({
    type: CreateRunPayload,
    description:
      "Queues a run. The same model x task x settings is answered from the store unless `force`. Errors: MODEL_NOT_FOUND, MODEL_NOT_ALLOWED, TASK_NOT_FOUND, DEVICE_UNUSABLE.",
    args: { input: t.arg({ type: CreateRunInput, required: true, description: "What to run." }) },
    resolve: (_parent, { input: { model, task, settings, force, priority, device } }, services) =>
      createRun(services, {
        model,
        task,
        settings: withDefaults(settings),
        force: force ?? false,
        ...(priority && { priority }),
        device: (device ?? null) as Device | null,
        createdById: services.actor.id,
      }),
  }),
  cancelRun: t.field({
    type: CancelRunPayload,
    description: "Stops a run that waits or is being computed. Errors: NOT_FOUND, RUN_NOT_ACTIVE.",
    args: { input: t.arg({ type: CancelRunInput, required: true, description: "Which run." }) },
    resolve: async (_parent, { input }, services) => {
      const id = await existing(services, input.id);
      await cancelRun(services, id);
      return { id };
    },
  }),
  deleteRun: t.field({
    type: DeleteRunPayload,
    description:
      "Removes a run and all its numbers; one that is being computed stops. Studies and saved comparisons keep its place. Somebody else's needs the role admin. Errors: NOT_FOUND, FORBIDDEN.",
    args: { input: t.arg({ type: DeleteRunInput, required: true, description: "Which run." }) },
    resolve: async (_parent, { input }, services) => {
      const id = await existing(services, input.id);
      return { id, ...(await deleteRun(services, id, services.actor)) };
    },
  }),
}));
