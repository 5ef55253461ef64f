import { type FoundInFacts, type SoFar, soFar } from "@recallscope/engine";
import type { PrismaClient, Run } from "../generated/prisma/client.ts";
import { fromJson } from "../results/json.ts";
import { UNFINISHED } from "../runs/unfinished.ts";

/** What the finished shards of an unfinished run found. */
export interface RunSoFar extends SoFar {
  factsAdmitted: number;
}

export interface FoundSoFar {
  /** Null while no shard of facts is finished, and once the run has ended. */
  of(run: Pick<Run, "id" | "status" | "attempts">): Promise<RunSoFar | null>;
}

/** Runs that are followed at a time, usually one. */
const MAX_RUNS = 8;

interface Followed {
  /** Of which beginning of the run: one that begins anew has other shards of the same index. */
  attempts: number;
  found: Map<number, FoundInFacts>;
  newest: SoFar | null;
  /** Who asks at the same time waits, and finds what was read. */
  turn: Promise<unknown>;
}

/** Reads each finished shard once, and counts anew only when another one is there. */
export function createFoundSoFar(prisma: PrismaClient): FoundSoFar {
  const runs = new Map<string, Followed>();

  const follow = ({ id, attempts }: Pick<Run, "id" | "attempts">): Followed => {
    const known = runs.get(id);
    const run =
      known?.attempts === attempts
        ? known
        : { attempts, found: new Map(), newest: null, turn: Promise.resolve() };
    runs.delete(id);
    runs.set(id, run);
    if (runs.size > MAX_RUNS) runs.delete(runs.keys().next().value!);
    return run;
  };

  const read = async (id: string, own: Followed): Promise<RunSoFar | null> => {
    const shards = await prisma.runShard.findMany({
      where: { runId: id, kind: "FACTS" },
      orderBy: { index: "asc" },
      select: { index: true, status: true, from: true, to: true },
    });
    const done = shards.filter(({ status }) => status === "DONE").map(({ index }) => index);
    const missing = done.filter((index) => !own.found.has(index));
    if (missing.length > 0) {
      own.newest = null;
      const rows = await prisma.runShard.findMany({
        where: { runId: id, index: { in: missing }, status: "DONE" },
        select: { index: true, found: true },
      });
      for (const { index, found } of rows) if (found !== null) own.found.set(index, numbersOf(found));
    }
    const found = done.flatMap((index) => own.found.get(index) ?? []);
    // Begun anew meanwhile, or ended: what was read are shards of two beginnings, or none.
    const same = await prisma.run.count({
      where: { id, attempts: own.attempts, status: { in: UNFINISHED } },
    });
    if (same === 0 || found.length === 0) return null;
    own.newest ??= soFar(found);
    return {
      ...own.newest,
      factsAdmitted: shards.reduce((sum, { from, to }) => sum + (to ?? 0) - (from ?? 0), 0),
    };
  };

  return {
    of: async (run) => {
      if (!UNFINISHED.includes(run.status)) {
        runs.delete(run.id);
        return null;
      }
      const own = follow(run);
      const answer = own.turn.then(() => read(run.id, own));
      own.turn = answer.catch(() => {});
      return answer;
    },
  };
}

/** JSON has no NaN: what it holds null for was none of the numbers, and must not count as 0. */
function numbersOf(stored: unknown): FoundInFacts {
  const { facts, ...rest } = fromJson<FoundInFacts>(stored);
  const number = (value: number | null) => value ?? Number.NaN;
  return {
    ...rest,
    facts: facts.map(({ patching, ...fact }) => ({
      ...fact,
      patching: patching && {
        ...patching,
        total: number(patching.total),
        effect: patching.effect.map(number),
      },
    })),
  };
}
