import type { QueueCounts } from "../jobs/queue.ts";
import { isThere } from "../jobs/worker-registry.ts";
import { builder } from "./builder.ts";
import { RunPriority } from "./run-shard.ts";

const Worker = builder.prismaObject("Worker", {
  description: "A process that computes runs.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "Machine and process, or what it was called." }),
    device: t.exposeString("device", { description: "What it computes on." }),
    float16: t.exposeBoolean("float16", {
      description: "Whether it has products in float16, which runs in precision F16 need.",
    }),
    memory: t.float({
      nullable: true,
      description: "Bytes that a run may take on it; null: any number.",
      select: { memory: true },
      resolve: ({ memory }) => (memory === null ? null : Number(memory)),
    }),
    version: t.exposeString("version", { description: "Version of the engine." }),
    startedAt: t.expose("startedAt", { type: "DateTime", description: "When it began to look for runs." }),
    seenAt: t.expose("seenAt", { type: "DateTime", description: "When it last said that it is there." }),
    run: t.prismaField({
      type: "Run",
      nullable: true,
      description: "What it works on now; null while it waits.",
      select: { runId: true },
      resolve: (query, { runId }, _args, { prisma }) =>
        runId === null ? null : prisma.run.findUnique({ ...query, where: { id: runId } }),
    }),
  }),
});

const QueueOfPriority = builder.objectRef<QueueCounts["byPriority"][number]>("QueueOfPriority").implement({
  description: "The tickets of runs of one priority.",
  fields: (t) => ({
    priority: t.expose("priority", { type: RunPriority, description: "Of the runs." }),
    waiting: t.exposeInt("waiting", { description: "Tickets that no worker has taken." }),
    active: t.exposeInt("active", { description: "Tickets that workers hold." }),
  }),
});

const Queue = builder.objectRef<QueueCounts>("Queue").implement({
  description: "Leave to work on runs: one ticket brings one worker to a run.",
  fields: (t) => ({
    waiting: t.exposeInt("waiting", { description: "Tickets that no worker has taken." }),
    active: t.exposeInt("active", { description: "Tickets that workers hold." }),
    byPriority: t.expose("byPriority", {
      type: [QueueOfPriority],
      description: "The same by the priority of the runs, the highest first.",
    }),
    dead: t.exposeInt("dead", {
      description: "Tickets that came back too often; their runs are about to become FAILED.",
    }),
  }),
});

builder.queryFields((t) => ({
  workers: t.prismaField({
    type: [Worker],
    description: "Processes that compute runs and have shown themselves in the last half minute, by name.",
    resolve: (query, _parent, _args, { prisma }) =>
      prisma.worker.findMany({
        ...query,
        where: isThere(),
        orderBy: [{ name: "asc" }, { id: "asc" }],
      }),
  }),
  queue: t.field({
    type: Queue,
    description: "What waits for workers.",
    resolve: (_parent, _args, { queue }) => queue.counts(),
  }),
}));
