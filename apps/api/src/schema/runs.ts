import { z } from "zod";
import type { Prisma } from "../generated/prisma/client.ts";
import { RunStatus as RunStatuses } from "../generated/prisma/enums.ts";
import { whereIdOrKey } from "../runs/find-run.ts";
import { MAX_TAG, MAX_TAGS } from "../runs/tag-runs.ts";
import type { Tx } from "../services.ts";
import { builder } from "./builder.ts";
import { runIdOf } from "./ids.ts";
import { defineOrder } from "./order.ts";
import { RunStatus } from "./run.ts";

const RunFilter = builder
  .inputType("RunFilter", {
    description: "Which runs; conditions are joined by and.",
    fields: (t) => ({
      status: t.field({ type: [RunStatus], description: "In one of these states." }),
      model: t.string({ description: "Of the model of this name." }),
      task: t.string({ description: "Of the task of this slug, in any version." }),
      tags: t.stringList({ description: "With all of these tags." }),
      createdBy: t.string({ description: "Made with the token of this name." }),
      shots: t.int({ description: "With so many demonstrations." }),
      text: t.string({
        description:
          "With this text in the model's name, the task's slug or title, a note, or at the start of the key.",
      }),
    }),
  })
  .validate(
    z.object({
      status: z.array(z.enum(RunStatuses)).nullish(),
      model: z.string().max(1000).nullish(),
      task: z.string().max(200).nullish(),
      tags: z.array(z.string().max(MAX_TAG)).max(MAX_TAGS).nullish(),
      createdBy: z.string().max(100).nullish(),
      shots: z.int().nullish(),
      text: z.string().max(200).nullish(),
    }),
  );

const order = defineOrder<Prisma.RunOrderByWithRelationInput, RunOrderName>("Run", {
  CREATED: { description: "When it was asked for." },
  FINISHED: {
    description: "When it ended; those that have not ended count as the latest.",
    clause: (finishedAt) => ({ finishedAt }),
  },
  STATUS: { description: "Where it is in its life.", clause: (status) => ({ status }) },
  MODEL: { description: "Name of the model.", clause: (name) => ({ model: { name } }) },
  TASK: { description: "Slug of the task.", clause: (slug) => ({ task: { slug } }) },
});
type RunOrderName = "CREATED" | "FINISHED" | "STATUS" | "MODEL" | "TASK";

type Filter = typeof RunFilter.$inferInput | null | undefined;

async function whereFilter(prisma: Tx, filter: Filter): Promise<Prisma.RunWhereInput> {
  const { status, model, task, tags, createdBy, shots, text } = filter ?? {};
  return {
    ...(status && { status: { in: [...status] } }),
    ...(model != null && { model: { name: model } }),
    ...(task != null && { task: { slug: task } }),
    ...(tags && { tags: { hasEvery: [...tags] } }),
    ...(createdBy != null && { createdBy: { name: createdBy } }),
    ...(shots != null && { shots }),
    ...(text?.trim() && (await whereText(prisma, text.trim()))),
  };
}

const KEY_START = /^[0-9a-f]{1,16}$/;

/**
 * Models and tasks are few and runs are many: names are looked through on their own, so that no run is joined with them only to be
 * left out.
 */
async function whereText(prisma: Tx, text: string): Promise<Prisma.RunWhereInput> {
  const contains = { contains: text, mode: "insensitive" as const };
  const [models, tasks] = await Promise.all([
    prisma.model.findMany({ where: { name: contains }, select: { id: true } }),
    prisma.task.findMany({ where: { OR: [{ slug: contains }, { title: contains }] }, select: { id: true } }),
  ]);
  const among = (rows: readonly { id: string }[]) => ({ in: rows.map(({ id }) => id) });
  const key = text.toLowerCase();
  return {
    OR: [
      { modelId: among(models) },
      { taskId: among(tasks) },
      { note: contains },
      ...(KEY_START.test(key) ? [{ key: { startsWith: key } }] : []),
    ],
  };
}

builder.queryFields((t) => ({
  runs: t.prismaConnection({
    type: "Run",
    cursor: "id",
    description: "Runs, newest first.",
    args: {
      filter: t.arg({ type: RunFilter, description: "Only these." }),
      orderBy: t.arg({ type: order.input, description: "Default: by CREATED, DESC." }),
    },
    totalCount: async (_parent, { filter }, { prisma }) =>
      prisma.run.count({ where: await whereFilter(prisma, filter) }),
    resolve: async (query, _parent, { filter, orderBy }, { prisma }) =>
      prisma.run.findMany({
        ...query,
        where: await whereFilter(prisma, filter),
        orderBy: order.clauses(orderBy ?? { by: "CREATED", direction: "DESC" }),
      }),
  }),
  run: t.prismaField({
    type: "Run",
    nullable: true,
    description: "One run by its id or key (the newest of that key); null when there is none.",
    args: { id: t.arg.id({ required: true, description: "Id or key." }) },
    resolve: (query, _parent, { id }, { prisma }) => {
      const where = whereIdOrKey(runIdOf(id));
      return where && prisma.run.findFirst({ ...query, where, orderBy: { id: "desc" } });
    },
  }),
}));
