import { type RunSettings, type ShardPlan, wantedAnalyses } from "@recallscope/engine";
import type { Prisma, ShardKind } from "../generated/prisma/client.ts";

/** The kinds of shards, in order; all shards of one are done before the next begins. `share` is the part of a run's time they usually take. */
export const STAGES = [
  { kind: "PLAN", share: 0.04 },
  { kind: "FACTS", share: 0.56 },
  { kind: "SUMMARY", share: 0.15 },
  { kind: "FURTHER", share: 0.23 },
  { kind: "REPORT", share: 0.02 },
] as const satisfies readonly { kind: ShardKind; share: number }[];

type NewShard = Omit<Prisma.RunShardCreateManyInput, "runId" | "index">;

/** What every run begins with. */
export const FIRST_SHARD = { index: 0, kind: "PLAN" } as const satisfies Omit<
  Prisma.RunShardCreateManyInput,
  "runId"
>;

export const factShards = ({ facts }: ShardPlan): NewShard[] =>
  facts.map(({ from, to }) => ({ kind: "FACTS", from, to }));

/** The shards that follow when all of `kind` are done. */
export function nextStage(kind: ShardKind, settings: RunSettings): NewShard[] {
  if (kind === "FACTS") return [{ kind: "SUMMARY" }];
  const further = wantedAnalyses(settings).map((analysis): NewShard => ({ kind: "FURTHER", analysis }));
  return kind === "SUMMARY" && further.length > 0 ? further : [{ kind: "REPORT" }];
}

/** Share of the whole run that is done. @param done share of the work of a kind, 0 where none has begun */
export const fractionOf = (done: (kind: ShardKind) => number): number =>
  STAGES.reduce((sum, { kind, share }) => sum + share * done(kind), 0);
