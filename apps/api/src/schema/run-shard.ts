import type { Prisma } from "../generated/prisma/client.ts";
import { builder } from "./builder.ts";

export const RunPriority = builder.enumType("RunPriority", {
  description: "Which of several runs goes first.",
  values: {
    LOW: { description: "When there is nothing else to do." },
    NORMAL: { description: "In the order in which they were asked for." },
    HIGH: { description: "Before all others." },
  } as const,
});

const ShardKind = builder.enumType("ShardKind", {
  description: "What a part of a run does; all of one kind are done before the next begins.",
  values: {
    PLAN: { description: "Opens the model and cuts the run into shards." },
    FACTS: { description: "Measures some facts: clean passes, then every head patched in both directions." },
    SUMMARY: { description: "Statistics over all facts." },
    FURTHER: { description: "One further analysis." },
    REPORT: { description: "Puts everything together and stores it." },
  } as const,
});

const ShardStatus = builder.enumType("ShardStatus", {
  description: "Where a part of a run is.",
  values: {
    WAITING: { description: "No worker has it." },
    CLAIMED: { description: "A worker computes it." },
    DONE: { description: "What it gave is stored." },
  } as const,
});

builder.prismaObject("RunShard", {
  description: "A part of an unfinished run, which one worker computes at a time.",
  // Only what is asked for: what a shard found is large beside the rest, and progress is sent often.
  select: { runId: true, index: true },
  fields: (t) => ({
    index: t.exposeInt("index", { description: "Its place in the run." }),
    kind: t.expose("kind", { type: ShardKind, description: "What it does." }),
    status: t.expose("status", { type: ShardStatus, description: "Where it is." }),
    factsFrom: t.exposeInt("from", {
      nullable: true,
      description: "First of the facts it measures, counted among the admitted ones; null for other kinds.",
    }),
    factsTo: t.exposeInt("to", { nullable: true, description: "One past the last; null for other kinds." }),
    analysis: t.exposeString("analysis", {
      nullable: true,
      description: "Id of its further analysis; null for other kinds.",
    }),
    worker: t.exposeString("worker", {
      nullable: true,
      description: "Name of the worker that took it last; null while none has.",
    }),
    attempts: t.exposeInt("attempts", { description: "How often it was taken up." }),
    fraction: t.exposeFloat("fraction", { description: "Share of it that is done, 0 to 1." }),
    seconds: t.exposeFloat("seconds", {
      nullable: true,
      description: "How long it was computed; null until it is DONE.",
    }),
  }),
});

export const SHARDS_IN_ORDER = { orderBy: { index: "asc" } } as const satisfies Prisma.Run$shardsArgs;
