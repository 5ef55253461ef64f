import { z } from "zod";
import { ApiError } from "../errors.ts";
import type { Prisma } from "../generated/prisma/client.ts";
import { RunStatus as RunStatuses } from "../generated/prisma/enums.ts";
import { whereIdOrName } from "../named.ts";
import { whereIdOrKey } from "../runs/find-run.ts";
import { type NamedRun, namedRuns } from "../runs/named-runs.ts";
import { MAX_TAG, MAX_TAGS } from "../runs/tag-runs.ts";
import type { Tx } from "../services.ts";
import { builder } from "./builder.ts";
import { plainIdOf, runIdOf } from "./ids.ts";
import { defineOrder } from "./order.ts";
import { RunStatus } from "./run.ts";

const MOST_NAMES = 50;

const NamedRunType = builder.objectRef<NamedRun>("NamedRun").implement({
  description: "What somebody wrote for a run, and what it means.",
  fields: (t) => ({
    given: t.exposeString("given", { description: "As it was written." }),
    run: t.prismaField({
      type: "Run",
      nullable: true,
      description: "The run; null where none is meant, or several are.",
      resolve: (query, { id }, _args, { prisma }) =>
        id === null ? null : prisma.run.findUnique({ ...query, where: { id } }),
    }),
    problem: t.exposeString("problem", {
      nullable: true,
      description: "Why there is no run, and what to write instead; null where there is one.",
    }),
  }),
});

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
      study: t.id({ description: "In the grid of this study: its id or name." }),
      createdFrom: t.field({ type: "DateTime", description: "Asked for at this time or later." }),
      createdBefore: t.field({ type: "DateTime", description: "Asked for before this time." }),
      errorCode: t.string({ description: "That failed with this code, e.g. RUN_INTERRUPTED." }),
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
      study: z.string().max(1000).nullish(),
      createdFrom: z.date().nullish(),
      createdBefore: z.date().nullish(),
      errorCode: z.string().max(100).nullish(),
      text: z.string().max(200).nullish(),
    }),
  );

/** Orders by a number that not every run has: those without one come last in either direction. */
const byNumber = (column: NumberColumn, description: string) => ({
  description: `${description}; those without it come last.`,
  clause: (sort: "asc" | "desc") => ({ [column]: { sort, nulls: "last" as const } }),
});
type NumberColumn = "top1" | "probability" | "moverEffect" | "r2HeldOut" | "finalLayerChange" | "seconds";

const order = defineOrder<Prisma.RunOrderByWithRelationInput, RunOrderName>("Run", {
  CREATED: { description: "When it was asked for." },
  STARTED: {
    description: "When the work on it began; those that wait count as the latest.",
    clause: (startedAt) => ({ startedAt }),
  },
  FINISHED: {
    description: "When it ended; those that have not ended count as the latest.",
    clause: (finishedAt) => ({ finishedAt }),
  },
  STATUS: { description: "Where it is in its life.", clause: (status) => ({ status }) },
  MODEL: { description: "Name of the model.", clause: (name) => ({ model: { name } }) },
  TASK: { description: "Slug of the task.", clause: (slug) => ({ task: { slug } }) },
  SHOTS: { description: "Number of demonstrations.", clause: (shots) => ({ shots }) },
  TOP1: byNumber("top1", "Top-1 accuracy"),
  PROBABILITY: byNumber("probability", "Probability of the answer"),
  MOVER_EFFECT: byNumber("moverEffect", "Effect of the strongest mover head"),
  R2_HELD_OUT: byNumber("r2HeldOut", "Held-out R2 of the headline MLP's decomposition"),
  FINAL_LAYER: byNumber("finalLayerChange", "What the final layer does to log p(answer)"),
  DURATION: byNumber("seconds", "Time from start to end"),
});
type RunOrderName =
  | "CREATED"
  | "STARTED"
  | "FINISHED"
  | "STATUS"
  | "MODEL"
  | "TASK"
  | "SHOTS"
  | "TOP1"
  | "PROBABILITY"
  | "MOVER_EFFECT"
  | "R2_HELD_OUT"
  | "FINAL_LAYER"
  | "DURATION";

type Filter = typeof RunFilter.$inferInput | null | undefined;

async function whereFilter(prisma: Tx, filter: Filter): Promise<Prisma.RunWhereInput> {
  const { status, model, task, tags, createdBy, shots, study, createdFrom, createdBefore, errorCode, text } =
    filter ?? {};
  return {
    ...(status && { status: { in: [...status] } }),
    ...(model != null && { model: { name: model } }),
    ...(task != null && { task: { slug: task } }),
    ...(tags && { tags: { hasEvery: [...tags] } }),
    ...(createdBy != null && { createdBy: { name: createdBy } }),
    ...(shots != null && { shots }),
    ...(errorCode != null && { errorCode }),
    ...(study != null && { cells: { some: { study: whereIdOrName(plainIdOf("Study", study)) } } }),
    ...((createdFrom ?? createdBefore) && {
      createdAt: { ...(createdFrom && { gte: createdFrom }), ...(createdBefore && { lt: createdBefore }) },
    }),
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
    resolve: async (query, _parent, { filter, orderBy }, { prisma }) => {
      const where = await whereFilter(prisma, filter);
      const asked = orderBy ?? { by: "CREATED" as const, direction: "DESC" as const };
      const clauses = order.clauses(asked);
      // The order of ids is an index. For any other all rows are sorted, which is several times as fast without what is wide in them.
      if (asked.by === "CREATED") return prisma.run.findMany({ ...query, where, orderBy: clauses });
      const { cursor, skip, take, ...whole } = query;
      const page = await prisma.run.findMany({
        where,
        orderBy: clauses,
        select: { id: true },
        ...(cursor && { cursor }),
        ...(skip !== undefined && { skip }),
        ...(take !== undefined && { take }),
      });
      const ids = page.map(({ id }) => id);
      const rows = await prisma.run.findMany({ ...whole, where: { id: { in: ids } } });
      const byId = new Map(rows.map((row) => [row.id, row]));
      return ids.flatMap((id) => byId.get(id) ?? []);
    },
  }),
  namedRuns: t.field({
    type: [NamedRunType],
    description: `What people write for runs, and the runs that are meant, in the order given: ids, keys or their beginning, addresses of their pages, or MODEL/TASK, with /2-shot behind where that means several. Up to ${MOST_NAMES}.`,
    args: { names: t.arg.stringList({ required: true, description: "As they were written." }) },
    resolve: (_parent, { names }, { prisma }) => {
      if (names.length > MOST_NAMES || names.some((name) => name.length > 1000))
        throw new ApiError(
          "BAD_USER_INPUT",
          `names: allowed are up to ${MOST_NAMES} of up to 1000 characters`,
        );
      return namedRuns(prisma, names, runIdOf);
    },
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
