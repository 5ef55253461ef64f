import { ApiError } from "../errors.ts";
import type { PrismaClient } from "../generated/prisma/client.ts";

export interface RecurringHead {
  /** E.g. L9H8. */
  label: string;
  /** Runs in which it is a mover. */
  runs: number;
  /** Their tasks, by slug. */
  tasks: string[];
}

export interface RecurringHeads {
  /** Runs that were looked at. */
  runs: number;
  tasks: number;
  heads: RecurringHead[];
}

/**
 * Heads of a model that are movers in its runs, those of most runs first. Of runs with one key the newest counts, so that a run that was
 * repeated is no second witness; runs with fewer than 8 known facts name no movers and do not count.
 * @throws ApiError NOT_FOUND
 */
export async function recurringHeads(prisma: PrismaClient, name: string): Promise<RecurringHeads> {
  const model = await prisma.model.findUnique({ where: { name }, select: { id: true } });
  if (!model) throw new ApiError("NOT_FOUND", `model ${name}: there is none of this name here`);
  const rows = await prisma.$queryRaw<{ task: string; movers: string[] }[]>`
    select distinct on (r.key) t.slug as task, p.movers
    from "Run" r join "Task" t on t.id = r."taskId" join "RunReport" p on p."runId" = r.id
    where r."modelId" = ${model.id}::uuid and r.status = 'SUCCEEDED' and (r.summary ->> 'sufficient')::boolean
    order by r.key, r.id desc`;
  const found = new Map<string, RecurringHead>();
  for (const { task, movers } of rows)
    for (const label of movers) {
      const head = found.get(label) ?? { label, runs: 0, tasks: [] };
      head.runs++;
      if (!head.tasks.includes(task)) head.tasks.push(task);
      found.set(label, head);
    }
  const heads = [...found.values()].sort(
    (a, b) => b.runs - a.runs || a.label.localeCompare(b.label, "en", { numeric: true }),
  );
  for (const head of heads) head.tasks.sort();
  return { runs: rows.length, tasks: new Set(rows.map(({ task }) => task)).size, heads };
}
