import type { RunReport } from "@recallscope/engine";
import type { PrismaClient } from "../generated/prisma/client.ts";
import { fromJson } from "../results/json.ts";
import { currentTask } from "./current-task.ts";

/** A fact over the runs that asked it. */
export interface FactOverRuns {
  subject: string;
  answer: string;
  asked: number;
  known: number;
  /** Of each run, in their order: share of the fact's prompts that the model answered; null: not asked. */
  shares: (number | null)[];
}

export interface TaskResults {
  /** The newest finished run of each model and number of demonstrations. */
  runs: string[];
  facts: FactOverRuns[];
}

/**
 * What models make of the current version of a task, the hardest facts first: those that the smallest share of runs knows, and of equal ones
 * those answered on the smallest share of prompts.
 * @throws ApiError TASK_NOT_FOUND
 */
export async function taskResults(prisma: PrismaClient, slug: string): Promise<TaskResults> {
  const { id } = await currentTask(prisma, slug);
  const newest = await prisma.$queryRaw<{ id: string }[]>`
    select r.id from (
      select distinct on ("modelId", shots) id, "modelId", shots from "Run"
      where "taskId" = ${id}::uuid and status = 'SUCCEEDED' order by "modelId", shots, id desc
    ) r join "Model" m on m.id = r."modelId" order by m.name, r.shots`;
  const runs = newest.map((row) => row.id);
  const reports = await prisma.runReport.findMany({
    where: { runId: { in: runs } },
    select: { runId: true, task: true },
  });
  const taskOf = new Map(reports.map(({ runId, task }) => [runId, fromJson<RunReport["task"]>(task)]));
  return { runs, facts: factsOver(runs.map((run) => taskOf.get(run)?.facts ?? [])) };
}

function factsOver(reports: readonly RunReport["task"]["facts"][]): FactOverRuns[] {
  const facts = new Map<string, FactOverRuns>();
  for (const [place, records] of reports.entries())
    for (const { subject, answer, known, knownShare } of records) {
      const key = JSON.stringify([subject, answer]);
      const fact = facts.get(key) ?? {
        subject,
        answer,
        asked: 0,
        known: 0,
        shares: reports.map(() => null),
      };
      fact.asked++;
      if (known) fact.known++;
      fact.shares[place] = knownShare;
      facts.set(key, fact);
    }
  const mean = ({ shares, asked }: FactOverRuns) =>
    shares.reduce<number>((sum, share) => sum + (share ?? 0), 0) / asked;
  return [...facts.values()].sort((a, b) => a.known / a.asked - b.known / b.asked || mean(a) - mean(b));
}
